import assert from 'node:assert/strict'
import type { PipelinesOptions } from '../../operator/pipelines.ts'
import type { Row } from '../resilience.ts'
import type { Rule } from './proxy.ts'
import type { Stage } from './stage.ts'
import type { Trial } from './trial.ts'

export interface Given {
  stage: Stage
  /** The long form has more of the fault. */
  long: boolean
  /** A namespace of its own. */
  namespace: string
}

export interface Scenario extends Row {
  /** Runs when nothing else does: `always` when it touches what others share, `long` when its long form is hard work. */
  alone?: 'always' | 'long'
  /** Too long for the short form. */
  longOnly?: true
  /** Gives the figures; rejects with what is wrong. */
  run(given: Given): Promise<string>
}

export const same = 'the objects of a run without fault; a second pass writes nothing'

export interface Limits {
  /** Milliseconds from the beginning to the end state. */
  deadline: number
  /** Of pipelines and children, 30 unless said: about twice what was seen. A run without a fault needs about 13. */
  writes?: number
}

/** Runs a trial, its operators with the rights that we ship, and ends it, however it goes. */
export const within = async <T>(
  { stage, namespace }: Given,
  work: (trial: Trial) => Promise<T>,
): Promise<T> => {
  const trial = await stage.trial(namespace)
  try {
    return await work(trial)
  } finally {
    await trial.end()
  }
}

export interface UnderRule extends Limits {
  rule: Rule
  options?: Partial<PipelinesOptions>
}

/** A pipeline is made and edited while requests go as the rule says, from the first one on. */
export const underRule = (given: Given, { rule, options, ...limits }: UnderRule): Promise<string> =>
  within(given, async (trial) => {
    trial.proxy.rule = rule
    const start = performance.now()
    await trial.start(options)
    await trial.tell()
    return ended(trial, start, limits)
  })

/** Waits for the end state, and holds the run to its limits. */
export const ended = async (
  trial: Trial,
  start: number,
  { deadline, writes = 30 }: Limits,
): Promise<string> => {
  await trial.settled(Math.max(1_000, deadline - (performance.now() - start)))
  const took = performance.now() - start
  const [requests, written] = [trial.proxy.since(0).length, trial.proxy.writes().length]
  trial.proxy.rule = (_call, pass) => pass()
  await trial.secondPass()
  assert.ok(written <= writes, `${written} writes, at most ${writes} allowed`)
  return `${seconds(took)} of ${deadline / 1000}; ${requests} requests, ${written} writes of ${writes}`
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
