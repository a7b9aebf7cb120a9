import { setTimeout as pause } from 'node:timers/promises'
import type { Stage } from './stage.ts'
import { openTrial, type Trial, type TrialOptions } from './trial.ts'

/** What a scenario is given. */
export interface Given {
  stage: Stage
  /** The long form has more of the fault, and more load. */
  long: boolean
  /** A name for its pipeline. */
  name: string
}

/** A fault, and what must be so after it. */
export interface Scenario {
  fault: string
  expected: string
  /** Brokers: one with a proxy before it, or three. */
  on: 'broker' | 'cluster'
  /** Too long for the short form. */
  longOnly?: true
  /** Gives the figures; rejects with what is wrong. */
  run(given: Given): Promise<string>
}

/** What must be so after every fault. */
export const exactly = 'every window exact, one result each, nothing lost, doubled or left open'

/** Runs a story on a pipeline under load, then lets it settle and judges it. */
export const story = async (
  { stage, long, name }: Given,
  options: Omit<TrialOptions, 'stage' | 'name' | 'rate'> & { rate?: number },
  tell: (trial: Trial) => Promise<string>,
): Promise<string> => {
  const trial = await openTrial({ stage, name, rate: long ? 5_000 : 500, ...options })
  try {
    const told = await tell(trial)
    return `${told}; ${await trial.settle()}`
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`${text}\nlogs: ${trial.saveLogs()}`, { cause })
  } finally {
    await trial.end()
  }
}

/** Waits for a random time of up to so many milliseconds: faults must not fall into step with what they hit. */
export const sometime = (most: number): Promise<void> => pause(Math.random() * most)

export const anyOf = <T>(items: readonly T[]): T => {
  const item = items[Math.floor(Math.random() * items.length)]
  if (item === undefined) throw new Error('there is nothing to choose from')
  return item
}
