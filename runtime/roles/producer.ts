import type { Values } from '../measures.ts'
import { topicNames } from '../names.ts'
import type { ProducerSettings } from '../settings.ts'
import { partitionOf } from '../traffic/murmur2.ts'
import { pace } from '../traffic/pace.ts'
import { traffic } from '../traffic/traffic.ts'
import { Outbox } from './outbox.ts'
import { partitionCount } from './partition-count.ts'
import { sending } from './progress.ts'
import type { Context, Running } from './role.ts'

const second = 1_000
/** Milliseconds between two turns: of a slow stream each event has its own, and no turn is far away. */
const tick = 25
const longestRest = second
/** Without an acknowledgement for so long while events wait, this pod is not ready, and then not alive. */
const readyWithin = 15 * second
const aliveWithin = 300 * second
/** What is left after SIGTERM must be written within this time. */
const flushWithin = 7 * second

/** Generates events when they are due. */
const generator = (settings: ProducerSettings, start: number) => {
  // The start is part of the seed: a new process of the same pod must not repeat ids.
  const seed = `${settings.POD_NAME}@${start}`
  const source = traffic({ seed, users: settings.USERS, rate: settings.RATE })
  const bound = Math.max(1_000, settings.RATE)
  const steady = pace({ rate: settings.RATE, start })
  return {
    /** Puts what is due into the outbox, whose bound makes the pace wait while the log does not take anything. */
    put(out: Outbox, { partitions, now }: { partitions: number; now: number }) {
      const due = steady.take(now, bound - out.unsent())
      for (let number = due.first; number < due.first + due.count; number += 1) {
        const timestamp = steady.dueAt(number)
        const { key } = source.draw(timestamp)
        out.batch(partitionOf(key, partitions)).add({ key, timestamp }, source.write)
      }
    },
    nextAt: () => steady.nextAt(),
    skipped: () => steady.skipped(),
  }
}

/** Generates the events of a pod: `RATE` of them per second by `USERS` visitors, on the topic `<p>-events`. */
export const runProducer = ({ settings, log, clock, logger, signal }: Context<ProducerSettings>): Running => {
  const topic = topicNames(settings.PIPELINE).events
  const out = new Outbox({
    append: (partition, messages) => log.append({ topic, partition, messages }),
    failed: ({ partition, events, error }) =>
      logger.error({ topic, partition, events, err: error }, 'events given up: the log did not take them'),
  })
  const partitions = partitionCount({ log, clock, logger }, topic)
  let source: ReturnType<typeof generator> | undefined
  let known: number | undefined
  const skipped = (): number => source?.skipped() ?? 0
  const progress = sending({ out, clock, logger }, () => ({ partitions: known ?? 0, skipped: skipped() }))

  /** Milliseconds until something is to be done. */
  const rest = (): number => Math.min(longestRest, Math.max(tick, (source?.nextAt() ?? 0) - clock.now()))

  const turn = (): void => {
    known = partitions()
    if (known !== undefined) {
      source ??= generator(settings, clock.now())
      source.put(out, { partitions: known, now: clock.now() })
    }
    out.send()
    progress.look()
  }
  const work = async (): Promise<void> => {
    while (!signal.aborted) {
      turn()
      await clock.sleep(rest(), signal)
    }
    const flushed = new AbortController()
    await Promise.race([out.flush(), clock.sleep(flushWithin, flushed.signal)])
    flushed.abort()
    progress.end()
  }
  return {
    done: work(),
    health: () => progress.within(aliveWithin),
    readiness() {
      if (known === undefined) return { ok: false, why: `waiting for the topic ${topic}` }
      if (out.sent() === 0) return { ok: false, why: 'no event was acknowledged yet' }
      return progress.within(readyWithin)
    },
    measures: () => measures(out, { skipped: skipped(), partitions: known, rate: settings.RATE }),
  }
}

const measures = (
  out: Outbox,
  { skipped, partitions, rate }: { skipped: number; partitions: number | undefined; rate: number },
): Values<'producer'> => ({
  events_sent_total: out.sent(),
  events_skipped_total: skipped,
  events_abandoned_total: out.abandoned(),
  events_unsent: out.unsent(),
  rate_wanted: rate,
  partitions,
})
