import assert from 'node:assert/strict'
import { until } from '../../../dev/until.ts'
import type { Deployment } from '../../../operator/api/kubernetes.ts'
import { type Call, isLease } from '../proxy.ts'
import { type Given, type Scenario, within } from '../scenario.ts'
import type { Stage } from '../stage.ts'
import type { Trial } from '../trial.ts'

const stages = ['create', 'edit', 'suspend', 'delete'] as const
type StageName = (typeof stages)[number]

/** Of a life: the calls at which the operator could be killed, and what it asked for in all. */
interface Counts {
  calls: number
  requests: number
  writes: number
}

/** What a life without crash ends each stage with. */
interface Life extends Counts {
  ends: Record<StageName, string>
}

/**
 * No processors from the start: nothing is to be drained, and the suspension ends as soon as the producer has stopped.
 * With them it lasts half a minute longer, for no consumer says that all is counted.
 */
const made = { producer: { rate: 10 }, processor: { replicas: 0 }, deletionPolicy: 'Delete' }
const edited = { ...made, producer: { rate: 77 }, topics: { events: { partitions: 8 } } }

const act: Record<StageName, (trial: Trial) => Promise<unknown>> = {
  create: (trial) => trial.put(made),
  edit: (trial) => trial.put(edited),
  suspend: (trial) => trial.put({ ...edited, suspend: true }),
  delete: (trial) => trial.remove(),
}

/** Calls at which the operator is killed: every write and event; in the long form its lists, watches and questions too. */
const isSite = (long: boolean) => (call: Call) => !isLease(call.path) && (long || call.method !== 'GET')

/** Once it is known which topics are served, that is not asked again: which call is the nth would hang on the time. */
const calm = { discoveryEvery: { present: 600_000, absent: 1_000 } }

/** Killed at the nth call, before or after it is done. */
interface Case {
  n: number
  done: boolean
}

/** The short form takes one case of so many; prime to their number, so that befores and afters take turns. */
const shortStep = 9

/** Lives through all stages; `kill` is told the number of each call and whether it is done. */
const live = async (
  given: Given & { site: (call: Call) => boolean },
  {
    kill,
    reached,
  }: {
    kill: (n: number, done: boolean) => boolean
    reached: (trial: Trial, name: StageName, dead: boolean) => Promise<void>
  },
): Promise<Counts> =>
  within(given, async (trial) => {
    let calls = 0
    let dead = false
    let crashed: Promise<unknown> = Promise.resolve()
    const die = () => {
      dead = true
      crashed = trial.crash().then(() => trial.start(calm))
      return 'reset' as const
    }
    trial.proxy.rule = async (call, pass) => {
      if (dead || !given.site(call)) return pass()
      const n = calls++
      if (kill(n, false)) return die()
      const answered = await pass()
      return kill(n, true) ? die() : answered
    }
    await trial.start(calm)
    try {
      for (const name of stages) {
        await act[name](trial)
        await reached(trial, name, dead)
      }
    } finally {
      await crashed
    }
    return { calls, requests: trial.proxy.since(0).length, writes: trial.proxy.writes().length }
  })

/** The deployment controller has done what the Deployments say: until then their status is of what was asked before. */
const rolledOut = (trial: Trial): Promise<unknown> =>
  until(
    'the pods',
    async () => {
      const deployments = (await trial.list('deployments')) as (Deployment & { spec: { replicas: number } })[]
      const isDone = ({ metadata, spec, status }: (typeof deployments)[number]) =>
        status?.observedGeneration === metadata.generation && (status?.replicas ?? 0) === spec.replicas
      return deployments.length === 3 && deployments.every(isDone)
    },
    { every: 250 },
  )

const undisturbed = async (given: Given, site: (call: Call) => boolean): Promise<Life> => {
  const ends: Record<StageName, string> = { create: '', edit: '', suspend: '', delete: '' }
  const reached = async (trial: Trial, name: StageName) => {
    if (name === 'delete') await trial.reaches('', { deadline: 90_000, what: 'nothing is left' })
    else {
      await rolledOut(trial)
      if (name === 'suspend')
        await until('the stop', async () => (await trial.snapshot()).includes('Suspended=True'))
      ends[name] = await trial.still()
    }
  }
  return { ends, ...(await live({ ...given, site }, { kill: () => false, reached })) }
}

const dies = async (given: Given, life: Life, at: Case): Promise<Counts> => {
  const what = `killed ${at.done ? 'after' : 'before'} call ${at.n}`
  const namespace = `${given.namespace}-${at.n}-${at.done ? 'after' : 'before'}`
  return live(
    { ...given, namespace, site: isSite(given.long) },
    {
      kill: (n, done) => n === at.n && done === at.done,
      async reached(trial, name, dead) {
        if (name !== 'delete') await rolledOut(trial)
        await trial.reaches(life.ends[name], { deadline: 60_000, what: `${what}: ${name}` })
        // Before the crash the calls of the second pass would be taken for those of the life.
        if (name === 'suspend' && dead) await trial.secondPass()
      },
    },
  )
}

/** So many cases at a time. */
const inParallel = async (
  cases: readonly Case[],
  width: number,
  work: (at: Case) => Promise<unknown>,
): Promise<void> => {
  const left = [...cases]
  const failures: unknown[] = []
  const worker = async () => {
    for (let at = left.shift(); at !== undefined; at = left.shift())
      await work(at).catch((error: unknown) => failures.push(error))
  }
  await Promise.all(Array.from({ length: width }, worker))
  assert.deepEqual(failures.map(String), [])
}

export const crashes: Scenario = {
  fault: 'killed before and after every call of create, edit, suspend and delete',
  expected:
    'each time the objects of a life without crash, within 60 s of each of the four; a second pass that writes nothing; nothing left at the end',
  alone: 'long',
  async run(given: Given & { stage: Stage }) {
    const life = await undisturbed({ ...given, namespace: `${given.namespace}-life` }, isSite(given.long))
    assert.ok(life.calls > 20, `${life.calls} calls`)
    const every = Array.from({ length: life.calls }, (_, n) => [
      { n, done: false },
      { n, done: true },
    ]).flat()
    const cases = given.long ? every : every.filter((_, i) => i % shortStep === 0)
    const counts: Counts[] = []
    await inParallel(cases, given.long ? 6 : 3, async (at) => counts.push(await dies(given, life, at)))
    const mean = (name: 'requests' | 'writes') =>
      Math.round(counts.reduce((sum, one) => sum + one[name], 0) / counts.length)
    const cost = (name: 'requests' | 'writes') =>
      `${life[name]} ${name} without and ${mean(name)} with a crash`
    return `${life.calls} calls, ${cases.length} crashes; ${cost('requests')}, ${cost('writes')}`
  },
}
