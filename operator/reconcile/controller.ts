import type { Logger } from 'pino'
import type { Key } from '../api/kubernetes.ts'
import { type Clock, pause, systemClock } from './clock.ts'
import { ClusterFault, type Outcome, type Reconcile } from './cluster.ts'
import { idOf, type Queue } from './queue.ts'

/** How a pass ended, in controller-runtime's words: done, threw, asked for a retry, asked to wait. */
export type PassResult = 'success' | 'error' | 'requeue' | 'requeue_after'

export interface ControllerOptions {
  queue: Queue
  reconcile: Reconcile
  /** Passes at a time, each over another key. */
  workers: number
  logger: Logger
  /** Ends the controller: no new pass starts, those that run may end. */
  signal: AbortSignal
  clock?: Clock
  /** Milliseconds after which a pass is overdue. */
  deadline?: number
  /** Told of the start of each pass. */
  began?: () => void
  /** Told of the end of each pass; `took` is milliseconds. */
  passed?: (result: PassResult, took: number) => void
}

type Told = 'began' | 'passed'
type Running = Required<Omit<ControllerOptions, Told>> & Pick<ControllerOptions, Told>

/**
 * Takes keys from the queue and makes passes until `signal` aborts; resolves when the last pass has ended or is
 * overdue. A pass that hangs costs no worker: at its deadline it is logged, its key stays in work (so it never has two
 * passes at a time), and the worker goes on with other keys.
 */
export async function runController(options: ControllerOptions): Promise<void> {
  const running: Running = { clock: systemClock, deadline: 120_000, ...options }
  const { queue, signal, workers } = running
  const close = () => queue.close()
  signal.addEventListener('abort', close)
  if (signal.aborted) close()
  try {
    await Promise.all(Array.from({ length: workers }, () => work(running)))
  } finally {
    signal.removeEventListener('abort', close)
  }
}

async function work(running: Running): Promise<void> {
  const { queue } = running
  for (let key = await queue.next(); key; key = await queue.next()) {
    await inTime(running, key, pass(running, key))
  }
}

/** Waits for the end of the pass or its deadline. */
async function inTime({ clock, deadline, logger }: Running, key: Key, pass: Promise<void>): Promise<void> {
  const over = new AbortController()
  const overdue = pause(clock, deadline, over.signal).then(() => {
    if (over.signal.aborted) return
    logger.error({ key: idOf(key), deadlineMs: deadline }, 'pass is overdue; its key waits for its end')
  })
  await Promise.race([pass, overdue])
  over.abort()
}

/** One pass over one key; never rejects. */
async function pass(running: Running, key: Key): Promise<void> {
  const { clock, began, passed, queue } = running
  const start = clock.now()
  began?.()
  const result = await attempt(running, key)
  passed?.(result, clock.now() - start)
  queue.done(key)
}

async function attempt(running: Running, key: Key): Promise<PassResult> {
  try {
    return settle(running, key, await running.reconcile(key))
  } catch (error) {
    return settle(running, key, { kind: 'retry', because: error })
  }
}

/** The longest wait that the API server asked for; several steps of a pass may have failed. */
function asked(error: unknown): number {
  if (error instanceof AggregateError) return Math.max(0, ...error.errors.map(asked))
  return error instanceof ClusterFault ? (error.retryAfter ?? 0) : 0
}

function settle(running: Running, key: Key, outcome: Outcome): PassResult {
  const { queue } = running
  if (outcome.kind === 'retry') return again(running, key, outcome)
  queue.forget(key)
  if (outcome.kind === 'done') return 'success'
  queue.addAfter(key, outcome.after)
  return 'requeue_after'
}

function again(
  { queue, logger }: Running,
  key: Key,
  { because, within = Infinity }: Extract<Outcome, { kind: 'retry' }>,
): PassResult {
  const delay = Math.min(queue.retry(key, Math.min(asked(because), within)), within)
  if (within < Infinity) queue.addAfter(key, within) // the earlier of the two counts
  if (because === undefined) return 'requeue'
  logger.warn(
    { key: idOf(key), failures: queue.failures(key), retryInMs: delay, err: because },
    'pass failed',
  )
  return 'error'
}
