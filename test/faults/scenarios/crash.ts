import assert from 'node:assert/strict'
import type { Operator } from '../operator.ts'
import { type Call, isLease } from '../proxy.ts'
import { inParallel } from '../../../dev/parallel.ts'
import { type Given, type Scenario, within } from '../scenario.ts'
import type { Trial } from '../trial.ts'
import { drained, kept, type Life, whole } from './lives.ts'

/** Calls at which the operator is killed: every write and event; in the long form its lists, watches and questions too. */
const isSite = (long: boolean, call: Call) => !isLease(call.path) && (long || call.method !== 'GET')

/** Of a status, or of an event, which is sent beside the passes once the status is known to be written. */
const isTelling = ({ path }: Call): boolean => /\/status$|\/events\/?/.test(path)

/** Killed at a call, before or after it is done. */
interface Case {
  site: string
  done: boolean
}

/** What makes the name of an event another one in each life. */
const eventHash = /(?<=\/events\/[^/]+)\.[\da-f]+$/

/** Names the calls of a life: what is asked, of what, for which time. How many others come between is not always the same. */
const naming = (namespace: string): ((call: Call) => string) => {
  const times = new Map<string, number>()
  return ({ method, path, query }) => {
    const of = path.replace(namespace, 'NAMESPACE').replace(eventHash, '')
    const what = `${query.has('watch') ? 'WATCH' : method} ${of} ${query.get('fieldSelector') ?? ''}`
    const time = (times.get(what) ?? 0) + 1
    times.set(what, time)
    return `${what} ${time}`
  }
}

/** What came of a life. */
interface Lived {
  /** The calls at which the operator could be killed. */
  calls: string[]
  requests: number
  writes: number
  /** The call at which it was; undefined when it did not come. */
  killed: Call | undefined
  /** Events that it had still to tell. */
  untold: number
  /** The events about the pipeline. */
  told: string[]
}

/** Lives through all chapters; the operator is killed in the one case, if any, and another one goes on. */
const live = (
  given: Given & { life: Life },
  at: Case | undefined,
  reached: (trial: Trial, name: string, killed: boolean) => Promise<void>,
): Promise<Lived> =>
  within(given, async (trial) => {
    const { life } = given
    const calls: string[] = []
    const nameOf = naming(given.namespace)
    let counts = false
    let killed: Call | undefined
    let dead: Operator | undefined
    let successor: Promise<unknown> = Promise.resolve()
    const die = (call: Call) => {
      killed = call
      dead = trial.operator()
      const crash = async () => {
        await trial.crash()
        await trial.freeLease()
        await trial.start()
      }
      successor = crash()
      successor.catch(() => {}) // awaited in the end
      return 'reset' as const
    }
    trial.proxy.rule = async (call, pass) => {
      if (killed || !counts || !isSite(given.long, call)) return pass()
      const site = nameOf(call)
      calls.push(site)
      const isHere = site === at?.site
      if (isHere && !at?.done) return die(call)
      const answered = await pass()
      return isHere && counts && !killed ? die(call) : answered
    }
    void life.beside?.(trial)
    const [first] = life.chapters
    counts = first?.name === life.from
    await trial.start(life.options)
    try {
      for (const { name, act, over } of life.chapters) {
        counts ||= name === life.from
        await act(trial)
        await over(trial)
        await reached(trial, name, killed !== undefined)
      }
      life.judge?.(trial)
    } finally {
      counts = false
      await successor
    }
    const events = await trial.told()
    const untold = (await dead?.untold()) ?? 0
    const [requests, writes] = [trial.proxy.since(0).length, trial.proxy.writes().length]
    return { calls, requests, writes, killed, untold, told: events }
  })

/** A life without a crash, and what each of its chapters ends with. */
interface Undisturbed extends Lived {
  ends: Map<string, string>
}

const undisturbed = async (
  given: Given,
  { life, name }: { life: Life; name: string },
): Promise<Undisturbed> => {
  const ends = new Map<string, string>()
  const reached = async (trial: Trial, name: string) => void ends.set(name, await trial.still())
  const lived = await live({ ...given, life, namespace: `${given.namespace}-${name}` }, undefined, reached)
  return { ends, ...lived }
}

const dies = async (given: Given & { life: Life }, expected: Undisturbed, at: Case): Promise<Lived> => {
  const what = `killed ${at.done ? 'after' : 'before'} ${at.site}`
  const reached = async (trial: Trial, name: string, killed: boolean) => {
    await trial.reaches(expected.ends.get(name) ?? '', { deadline: 60_000, what: `${what}: ${name}` })
    // Before the crash the calls of the second pass would be taken for those of the life. In the end there is nothing left.
    if (killed && name !== 'delete') await trial.secondPass()
  }
  const lived = await live(given, at, reached)
  assert.ok(lived.writes <= 2 * expected.writes, `${what}: ${lived.writes} writes`)
  assert.deepEqual(unlike(lived, expected), [], `${what}: ${lived.killed?.method} ${lived.killed?.path}`)
  return lived
}

/**
 * What may be told once more: topics are ready anew each time that they have grown, if a pass came by meanwhile; who
 * deletes topics says so in each pass that does.
 */
const toldAgain = ['Normal TopicsReady shop', 'Normal DeletingTopics shop']

/**
 * Events that are missing, or too many. An event is sent once its status is written, and never again: missing may be those
 * that the killed operator had still to tell, and those of the status, or beside it, at which it was killed.
 */
const unlike = ({ told, untold, killed }: Lived, expected: Undisturbed): string[] => {
  const missing = expected.told.filter((line) => !told.includes(line))
  const isOwed = missing.length <= untold || (killed !== undefined && isTelling(killed))
  const count = (lines: readonly string[], line: string) => lines.filter((one) => one === line).length
  const isMore = (line: string) => count(told, line) > count(expected.told, line)
  const isKnown = (line: string) => toldAgain.includes(line) && expected.told.includes(line)
  const more = told.filter((line) => isMore(line) && !isKnown(line))
  return [
    ...(isOwed ? [] : missing.map((line) => `missing: ${line}`)),
    ...more.map((line) => `too many: ${line}`),
  ]
}

interface Telling {
  /** A life anew, for each time that it is lived. */
  life: () => Life
  /** The short form takes one case of so many; odd, so that befores and afters take turns. */
  step: number
}

/** Lives a life twice without a crash, and once more for each case. */
const killedEverywhere = async (given: Given, { life, step }: Telling): Promise<string> => {
  const once = (name: string) => undisturbed(given, { life: life(), name })
  const [expected, other] = await Promise.all([once('life'), once('other')])
  // How many passes a change takes is not the same each time: a call of one life alone may never come again. In a life that
  // has calls more, a pass may have seen a child go before the pipeline whose end took it.
  const sites = expected.calls.filter((call) => other.calls.includes(call))
  const fewest = Math.min(expected.calls.length, other.calls.length)
  const alone = [...expected.calls, ...other.calls].filter((call) => !sites.includes(call))
  assert.ok(fewest - sites.length <= 1 + fewest / 5, `came in one life alone: ${alone.join(', ')}`)
  const every = sites.flatMap((site, n) =>
    [false, true].map((done) => ({ site, done, life: `${n}-${done ? 'after' : 'before'}` })),
  )
  const cases = given.long ? every : every.filter((_, i) => i % step === 0)
  const lived: Lived[] = []
  const die = async ({ life: name, ...at }: (typeof every)[number]) => {
    const dying = (namespace: string) => dies({ ...given, namespace, life: life() }, expected, at)
    const first = await dying(`${given.namespace}-${name}`)
    lived.push(first.killed ? first : await dying(`${given.namespace}-${name}-again`))
  }
  await inParallel(cases, given.long ? 8 : 3, die)
  // The last calls of a life may not come even so.
  const spared = lived.filter(({ killed }) => killed === undefined).length
  assert.ok(spared <= 2 + cases.length / 20, `${spared} of ${cases.length} calls did not come`)
  const mean = (name: 'requests' | 'writes') =>
    Math.round(lived.reduce((sum, one) => sum + one[name], 0) / lived.length)
  const cost = (name: 'requests' | 'writes') =>
    `${expected[name]} ${name} without and ${mean(name)} with a crash`
  const events = expected.told.map((line) => line.split(' ')[1]).join(', ')
  return `${sites.length} calls, ${lived.length - spared} crashes; ${cost('requests')}, ${cost('writes')}; events: ${events}`
}

const always =
  'each time the objects of a life without crash, within 60 s of each of them; a second pass that writes nothing after each; every event once, but what a status just written had still to tell'

export const crashes: Scenario = {
  fault: 'killed before and after every call of create, edit, suspend and delete',
  expected: `${always}; nothing left at the end`,
  alone: 'long',
  run: (given) => killedEverywhere(given, { life: () => whole, step: 9 }),
}

export const crashesKeeping: Scenario = {
  fault: 'killed before and after every call of an edit to deletionPolicy Retain, and of delete',
  expected: `${always}; the topics stay`,
  alone: 'long',
  run: (given) => killedEverywhere(given, { life: () => kept, step: 3 }),
}

export const crashesDraining: Scenario = {
  fault: 'killed before and after every call of a drain with data, and of resume',
  expected: `${always}; drained, and no processor stopped before that stands in the status`,
  alone: 'long',
  run: (given) => killedEverywhere(given, { life: drained, step: 19 }),
}
