import assert from 'node:assert/strict'
import { inParallel } from '../../../dev/parallel.ts'
import { until } from '../../../dev/until.ts'
import { isLease } from '../proxy.ts'
import { type Given, same, type Scenario, within } from '../scenario.ts'

/** The first instance of an operator comes to lead, serves, is asked to end, and another one follows. */
const phases = ['first', 'serving', 'ending', 'next'] as const
type Phase = (typeof phases)[number]

/** A call of the lease, of which each phase has one of either kind; but who serves renews without a look. */
interface Site {
  phase: Phase
  kind: 'read' | 'write'
  /** Killed before or after it is done. */
  done: boolean
}

const sites: readonly Site[] = phases.flatMap((phase) =>
  (['read', 'write'] as const)
    .filter((kind) => phase !== 'serving' || kind === 'write')
    .flatMap((kind) => [
      { phase, kind, done: false },
      { phase, kind, done: true },
    ]),
)

/** Who is killed leaves the lease as it is: its successor waits for the end of it. */
const options = { terms: { leaseDuration: 3_000, renewDeadline: 2_000, retryPeriod: 500 } }

/** Requests and writes of pipelines and children, until the end state. */
type Cost = Record<'requests' | 'writes', number>

/** About three times what a run without a crash needs; the second pass writes nothing. */
const mostWrites = 40

const dies = (given: Given, { phase, kind, done }: Site): Promise<Cost> => {
  const what = `killed ${done ? 'after' : 'before'} a ${kind} of the lease: ${phase}`
  const namespace = `${given.namespace}-${phase}-${kind}-${done ? 'after' : 'before'}`
  return within({ ...given, namespace }, async (trial) => {
    let now: Phase = 'first'
    let killed = false
    let writes = 0
    let successor: Promise<unknown> = Promise.resolve()
    const die = () => {
      killed = true
      successor = trial.crash().then(() => trial.start(options))
      successor.catch(() => {}) // awaited in the end
      return 'reset' as const
    }
    trial.proxy.rule = async (call, pass) => {
      const isRead = call.method === 'GET'
      const isHere = isLease(call.path) && !killed && now === phase && isRead === (kind === 'read')
      if (isHere && !done) return die()
      const answered = await pass()
      if (isLease(call.path) && !isRead) writes += 1
      if (writes > 0 && now === 'first') now = 'serving'
      return isHere && !killed ? die() : answered
    }
    const follow = async () => {
      const before = writes
      await until('a renewal', () => killed || writes > before)
      now = 'ending'
      if (!killed) await trial.stop()
      if (killed) return
      now = 'next'
      await trial.start()
    }
    const hit = (its: Phase) => (phase === its ? until(what, () => killed) : undefined)
    await trial.start(options)
    await hit('first')
    await trial.create()
    await hit('serving')
    await follow()
    // Who could not renew its lease for too long, on a machine with too much to do, had none to give back: once more then.
    if (phase === 'ending') await until(what, () => killed || follow().then(() => killed))
    await hit('next')
    await successor
    await trial.edit()
    await trial.settled(60_000)
    const cost = { requests: trial.proxy.since(0).length, writes: trial.proxy.writes().length }
    await trial.secondPass()
    assert.ok(killed, `not ${what}`)
    assert.ok(cost.writes <= mostWrites, `${what}: ${cost.writes} writes`)
    return cost
  })
}

export const crashesLeading: Scenario = {
  fault:
    'killed before and after every call of the lease: to take it, to keep it, to give it back, to take it over',
  expected: `a successor, which waits for the end of the lease; within 60 s ${same}`,
  alone: 'long',
  async run(given) {
    const cases = given.long ? sites : sites.filter((_, i) => i % 3 === 1)
    const costs: Cost[] = []
    await inParallel(cases, given.long ? 6 : 3, async (site) => {
      costs.push(await dies(given, site))
    })
    const most = (name: keyof Cost) => Math.max(...costs.map((cost) => cost[name]))
    return `${cases.length} crashes; at most ${most('requests')} requests, ${most('writes')} writes of ${mostWrites}`
  },
}
