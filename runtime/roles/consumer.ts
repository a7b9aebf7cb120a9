import { type Board, emptyBoard, newestWindow, withWindow, type Window } from '../board/board.ts'
import { windowText } from '../board/text.ts'
import type { Values } from '../measures.ts'
import { topicNames } from '../names.ts'
import type { ConsumerSettings } from '../settings.ts'
import { readBacklog } from './backlog.ts'
import { dashboard, type Dashboard } from './dashboard.ts'
import type { LogRecord } from './log.ts'
import { parseResult } from './results.ts'
import type { Context, Health, Logger, Running } from './role.ts'
import { tail } from './tail.ts'

const second = 1_000
/** Without a successful poll for so long this pod is not ready, and then not alive. */
const readyWithin = 15 * second
const aliveWithin = 300 * second

/** Windows kept, and offsets read back for them: a transaction takes up to one more for its marker. */
const capacity = 120
const back = 3 * capacity

/** Parses records and keeps the windows until they are taken, in order of their starts. */
const inbox = (logger: Logger, topic: string) => {
  let windows: Window[] = []
  let unread = 0
  return {
    put({ offset, value }: LogRecord, partition: number) {
      const parsed = parseResult(value)
      if (!('problem' in parsed)) {
        windows.push(parsed)
        return
      }
      unread += 1
      logger.warn(
        { topic, partition, offset, problem: parsed.problem },
        'a result that cannot be read was skipped',
      )
    },
    take(): Window[] {
      const taken = windows.sort((a, b) => a.start - b.start)
      windows = []
      return taken
    },
    unread: () => unread,
  }
}

const dashboardOf = (context: Context<ConsumerSettings>, board: () => Board): Dashboard => {
  const pipeline = context.settings.PIPELINE
  const backlog = readBacklog(context, pipeline)
  return dashboard({ pipeline, board, backlog, now: () => context.clock.now() })
}

/**
 * Reads the results of a pipeline from `<p>-metrics`, prints each new window as text, and serves the dashboard.
 * Of the windows that exist at the start only the newest is printed.
 */
export const runConsumer = (
  context: Context<ConsumerSettings> & { print: (text: string) => void },
): Running => {
  const { settings, clock, logger, print } = context
  const topic = topicNames(settings.PIPELINE).metrics
  const started = clock.now()
  let board = emptyBoard(capacity)
  let live = false
  const received = inbox(logger, topic)
  const shown = dashboardOf(context, () => board)

  const add = (window: Window): void => {
    board = withWindow(board, window)
    const added = board.windows.find((other) => other.start === window.start)
    if (added?.repeated === true) {
      logger.error({ window: window.result.window_start }, 'a second result for this window')
    }
    if (!live || added === undefined) return
    print(windowText(added))
    shown.show(added)
  }
  const goLive = (): void => {
    live = true
    const newest = newestWindow(board)
    logger.info({ windows: board.windows.length }, 'reading new windows from now on')
    if (newest !== undefined) print(windowText(newest))
    shown.showAll()
  }
  const reading = tail({
    ...context,
    topic,
    back,
    visit: (record, partition) => received.put(record, partition),
    polled() {
      for (const window of received.take()) add(window)
      if (!live && reading.caughtUp()) goLive()
    },
  })
  const within = (limit: number): Health =>
    silence(clock.now() - (reading.heardAt() ?? started), { topic, limit })
  return {
    done: reading.done.finally(() => shown.close()),
    health: () => within(aliveWithin),
    readiness: () => (live ? within(readyWithin) : { ok: false, why: `reading the topic ${topic}` }),
    measures: () => measures(shown, board, received.unread()),
    routes: shown.routes,
  }
}

const silence = (silent: number, { topic, limit }: { topic: string; limit: number }): Health =>
  silent <= limit
    ? { ok: true, why: 'results are read' }
    : { ok: false, why: `the topic ${topic} could not be read for ${Math.round(silent / second)} s` }

const measures = (shown: Dashboard, { totals }: Board, unread: number): Values<'consumer'> => {
  const { lastWindow, ...sums } = shown.summary()
  const seen = (sum: number): number | undefined => (totals.windows > 0 ? sum : undefined)
  return {
    windows_seen_total: sums.windows,
    windows_repeated_total: sums.repeatedWindows,
    results_unreadable_total: unread,
    seen_events_total: sums.totalEvents ?? undefined,
    seen_late_events_total: seen(totals.late),
    seen_invalid_events_total: seen(totals.invalid),
    pipeline_lag_events: sums.lag ?? undefined,
    freshness_seconds: sums.freshnessSeconds ?? undefined,
    events_per_second: sums.eventsPerSecond ?? undefined,
    window_events: lastWindow?.totalEvents,
    window_unique_users: lastWindow?.uniqueUsers,
    dashboard_clients: shown.clients(),
  }
}
