import * as fc from 'fast-check'
import type { CommitFault } from './memory-broker.ts'
import type { Forgotten } from './memory-transaction.ts'

/** Partitions of a story's topics. */
export const partitions = 3

/** An event as the script makes it: its time against the clock, or bytes that are none. */
export interface Sent {
  ago: number
  user: number
  page: number
  duration: number
  broken: boolean
}

/** Something that happens in a story. */
export type Action =
  | { kind: 'send'; partition: number; events: Sent[] }
  | { kind: 'task'; partition: number; most: number; fault: CommitFault | undefined }
  | { kind: 'merge'; most: number; fault: CommitFault | undefined }
  | { kind: 'crash'; partition: number }
  | { kind: 'crash merge' }
  | { kind: 'pass'; time: number }
  /** Everybody reads everything, without faults. */
  | { kind: 'catch up' }
  | { kind: 'window'; size: number; slide: number }

export const sent: fc.Arbitrary<Sent> = fc.record({
  ago: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 5_000 }) },
    { weight: 2, arbitrary: fc.integer({ min: -75_000, max: 30_000 }) },
  ),
  user: fc.nat({ max: 5 }),
  page: fc.nat({ max: 7 }),
  duration: fc.nat({ max: 1_000 }),
  broken: fc.integer({ min: 0, max: 9 }).map((die) => die === 0),
})
const partition = fc.nat({ max: partitions - 1 })
export const most = fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant(100))
/**
 * What the brokers forget when they crash at the end of a transaction. Not position and panes with the dead letters told:
 * then nothing that can be read by the panes and the position says how it was to end.
 */
const forgotten = fc.constantFrom<Forgotten>(
  { first: true, rest: true, positions: true },
  { first: true, rest: true, positions: false },
  { first: true, rest: false, positions: false },
  { first: false, rest: true, positions: true },
  { first: false, rest: true, positions: false },
  { first: false, rest: false, positions: true },
)
export const fault: fc.Arbitrary<CommitFault> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<CommitFault>('lost', 'open', 'applied') },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('open' as const, 'applied' as const), forgotten }),
  },
)
const sometimes = fc.option(fault, { freq: 1, nil: undefined })
export const window = fc
  .record({ slide: fc.constantFrom(1, 2, 5), times: fc.constantFrom(1, 1, 1, 3) })
  .map(({ slide, times }) => ({ slide: slide * 1_000, size: slide * times * 1_000 }))
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      partition,
      events: fc.array(sent, { minLength: 1, maxLength: 6 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('task' as const), partition, most, fault: sometimes }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('merge' as const), most, fault: sometimes }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('pass' as const), time: fc.nat({ max: 5_000 }) }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'catch up' as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('crash' as const), partition }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'crash merge' as const }) },
  { weight: 1, arbitrary: window.map((spec) => ({ kind: 'window' as const, ...spec })) },
)

/** Events, readings, crashes, faults and changes of the window in any order. */
export const story = fc.array(action, { minLength: 5, maxLength: 100, size: 'max' })
