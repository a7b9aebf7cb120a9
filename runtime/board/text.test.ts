import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WindowResult } from '../stream/result.ts'
import { aWindow } from './testing/window.ts'
import { windowText } from './text.ts'

const start = Date.parse('2026-01-31T12:00:00Z')
const text = (given: Partial<WindowResult> = {}): string =>
  windowText({ ...aWindow(start, given), repeated: false })

test('a window reads as a dashboard of 80 columns between two lines of ═', () => {
  assert.equal(
    text({ total_events: 600 }),
    `
════════════════════════════════════════════════════════════════════════════════
 CLICKSTREAM METRICS · clickstream
 2026-01-31 12:00:00 → 12:01:00 UTC (1m)
────────────────────────────────────────────────────────────────────────────────
 OVERVIEW
   Events                             600   10.0/s
   Unique users                        97
   Unique sessions                    141
   Average duration              5,162 ms

 EVENT TYPES
   page_view                          300   50.0%  ████████████████████████████
   click                              180   30.0%  ████████████████▊
   search                              60   10.0%  █████▋
   add_to_cart                         40    6.7%  ███▊
   purchase                            20    3.3%  █▉

 DEVICES
   mobile                             340   56.7%  ████████████████████████████
   desktop                            215   35.8%  █████████████████▊
   tablet                              45    7.5%  ███▊

 TOP REFERRERS
   google.com                         251   41.8%  ████████████████████████████
   direct                             150   25.0%  ████████████████▊
   x.com                               84   14.0%  █████████▍

 TOP PAGES
   /home                              160   26.7%  ████████████████████████████
   /products/laptop                   120   20.0%  █████████████████████
   /products                           91   15.2%  ███████████████▉
   /blog                               40    6.7%  ███████
   /cart                               22    3.7%  ███▉
════════════════════════════════════════════════════════════════════════════════
`.trimStart(),
  )
})

test('late and invalid events are shown when there are any', () => {
  assert.doesNotMatch(text(), /Late|Invalid/)
  const shown = text({ late_events: 1_234, invalid_events: 5 })
  assert.match(shown, /Late +1,234 +not counted above\n +Invalid +5 +not counted above\n/)
})

test('an estimate, a clipped window and a second result say so', () => {
  assert.match(text({ exact: false }), /\(1m\) · estimate\n/)
  assert.match(text({ exact: false, clipped: true }), /\(1m\) · clipped · estimate\n/)
  const repeated = windowText({ ...aWindow(start), repeated: true })
  assert.match(repeated, /\(1m\) · second result for this window\n/)
})

test('large numbers are grouped by thousands', () => {
  assert.match(text({ total_events: 1_234_567 }), /Events +1,234,567 +20,576\.1\/s\n/)
})

test('a window over midnight shows both dates', () => {
  const late = Date.parse('2026-01-31T23:59:00Z')
  assert.match(
    windowText({ ...aWindow(late), repeated: false }),
    /2026-01-31 23:59:00 → 2026-02-01 00:00:00 UTC \(1m\)/,
  )
})

test('an empty window has no shares and no rows', () => {
  const none = { event_types: {}, devices: {}, top_referrers: {}, top_pages: {} }
  const shown = text({ total_events: 0, unique_users: 0, ...none })
  assert.match(shown, /Events +0 +0\.0\/s\n/)
  assert.match(shown, / EVENT TYPES\n +none\n/)
  assert.doesNotMatch(shown, /NaN|Infinity|undefined/)
})

test('every line is at most 80 columns and free of control characters, whatever the names are', () => {
  const hostile = '\u001b[2J\u001b[31m/very/long'.repeat(50)
  const shown = text({
    pipeline: 'x'.repeat(63),
    total_events: 9_999_999_999,
    top_pages: { [hostile]: 9_999_999_999, '/\n═\r': 3 },
    devices: Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`device ${n}`, 30 - n])),
  })
  for (const line of shown.split('\n')) assert.ok(Array.from(line).length <= 80, line)
  assert.doesNotMatch(shown.replaceAll('\n', ''), /\p{Cc}/u)
  assert.match(shown, /… and 22 more/)
})

test('names that look like numbers keep their place by count', () => {
  assert.match(text({ devices: { '7': 1, mobile: 599 } }), /DEVICES\n +mobile.*\n +7 /)
})
