import * as fc from 'fast-check'
import type { WindowSpec } from '../stream/window.ts'
import type { CommitFault } from './memory-broker.ts'
import { fault, most, type Sent, sent, window } from './story.ts'

/** Something that happens while workers compete; `worker` is the one that does it. */
export type RivalAction =
  | { kind: 'send'; partition: number; events: Sent[] }
  | { kind: 'task'; worker: number; partition: number; most: number }
  | { kind: 'merge'; worker: number; most: number }
  /** The worker begins all its tasks and its merger. */
  | { kind: 'work'; worker: number; most: number }
  /** So many of the requests and answers that wait go on, chosen by a number. */
  | { kind: 'turn'; which: number; times: number }
  /** All that waits goes on, until nothing is under way. */
  | { kind: 'rest' }
  | { kind: 'crash'; worker: number }
  /** The next commit that comes fails so. */
  | { kind: 'fault'; fault: CommitFault }
  | { kind: 'pass'; time: number }
  | ({ kind: 'window'; worker: number } & WindowSpec)
  | { kind: 'grow' }

export interface RivalStory {
  /** Milliseconds; short ones let idle and late partitions happen. */
  idleTimeout: number
  window: WindowSpec
  actions: RivalAction[]
}

/** Two partitions at the beginning, up to two more by growth. */
const partition = fc.constantFrom(0, 0, 0, 1, 1, 1, 2, 3)
const worker = fc.nat({ max: 1 })
const kind = <Kind extends string>(name: Kind) => fc.constant(name)

const action: fc.Arbitrary<RivalAction> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: kind('send'),
      partition,
      events: fc.array(sent, { minLength: 1, maxLength: 6 }),
    }),
  },
  { weight: 8, arbitrary: fc.record({ kind: kind('work'), worker, most }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('task'), worker, partition, most }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('merge'), worker, most }) },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: kind('turn'),
      which: fc.nat({ max: 7 }),
      times: fc.integer({ min: 1, max: 30 }),
    }),
  },
  { weight: 8, arbitrary: fc.constant<RivalAction>({ kind: 'rest' }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('crash'), worker }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: kind('fault'), fault }),
  },
  { weight: 6, arbitrary: fc.record({ kind: kind('pass'), time: fc.nat({ max: 5_000 }) }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(worker, window)
      .map(([by, spec]) => ({ kind: 'window' as const, worker: by, ...spec })),
  },
  { weight: 1, arbitrary: fc.constant<RivalAction>({ kind: 'grow' }) },
)

/** Growth blurs what can be said of windows, so it comes in a quarter of the stories, and at most twice. */
const growing = (actions: RivalAction[], most: number): RivalAction[] => {
  let left = most
  return actions.filter(({ kind }) => kind !== 'grow' || left-- > 0)
}

/** Events, requests that overtake each other, crashes, faults, growth and changes of the window in any order. */
export const rivalStory: fc.Arbitrary<RivalStory> = fc
  .record({
    idleTimeout: fc.constantFrom(1_000, 3_600_000),
    window,
    growth: fc.constantFrom(0, 0, 0, 2),
    actions: fc.array(action, { minLength: 20, maxLength: 150, size: 'max' }),
  })
  .map(({ growth, actions, ...story }) => ({ ...story, actions: growing(actions, growth) }))
