import { every } from './interval.ts'
import type { Outbox } from './outbox.ts'
import type { Clock, Health, Logger } from './role.ts'

const second = 1_000
const reportEvery = 10 * second

/** Tells how sending goes: in the log, and as health. */
export interface Progress {
  /** To be called on every turn of the loop. */
  look(): void
  /** Logs the last numbers, and how many events are left. */
  end(): void
  /** Not ok when events wait and none was acknowledged for `limit` milliseconds. */
  within(limit: number): Health
}

interface Numbers {
  partitions: number
  skipped: number
}

/** Logs `sent` every ten seconds: a warning when events were skipped or given up meanwhile. */
const report = (
  { out, clock, logger }: { out: Outbox; clock: Clock; logger: Logger },
  numbers: () => Numbers,
): (() => void) => {
  let last = { at: clock.now(), sent: 0, missed: 0 }
  return () => {
    const now = clock.now()
    const { partitions, skipped } = numbers()
    const sent = out.sent()
    const abandoned = out.abandoned()
    const rate = Math.round(((sent - last.sent) * 10 * second) / Math.max(1, now - last.at)) / 10
    const fields = { sent, rate, partitions, unsent: out.unsent(), skipped, abandoned }
    if (skipped + abandoned > last.missed) logger.warn(fields, 'sent, but not all')
    else logger.info(fields, 'sent')
    last = { at: now, sent, missed: skipped + abandoned }
  }
}

/** Watches an outbox. */
export const sending = (
  given: { out: Outbox; clock: Clock; logger: Logger },
  numbers: () => Numbers,
): Progress => {
  const { out, clock, logger } = given
  const write = report(given, numbers)
  const due = every(reportEvery)
  due(clock.now())
  /** When the log last acknowledged something, or had nothing to acknowledge. */
  let acknowledged = { at: clock.now(), sent: 0 }
  return {
    look() {
      const now = clock.now()
      if (out.unsent() === 0 || out.sent() > acknowledged.sent) acknowledged = { at: now, sent: out.sent() }
      if (due(now)) write()
    },
    end() {
      write()
      if (out.unsent() > 0)
        logger.error({ events: out.unsent() }, 'stopped before these events were acknowledged')
    },
    within(limit) {
      const silent = clock.now() - acknowledged.at
      if (silent <= limit) return { ok: true, why: 'events are acknowledged' }
      const seconds = Math.round(silent / second)
      return { ok: false, why: `no event acknowledged for ${seconds} s, ${out.unsent()} wait` }
    },
  }
}
