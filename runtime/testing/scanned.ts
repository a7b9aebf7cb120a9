import type { Scanned } from '../scan/scan.ts'

/** What a scan gives for a good event, with the given fields replaced. */
export const scannedEvent = (changes: Partial<Scanned> = {}): Scanned => ({
  ok: true,
  time: 0,
  eventType: 'click',
  user: { high: 1, low: 1 },
  session: { high: 2, low: 2 },
  page: '/home',
  referrer: 'google',
  device: 'mobile',
  duration: 1,
  ...changes,
})
