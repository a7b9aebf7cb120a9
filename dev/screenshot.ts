import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { emptyBoard, withWindow, type Board, type Window } from '../runtime/board/board.ts'
import { ranked } from '../runtime/board/counts.ts'
import type { ClickEvent } from '../runtime/event.ts'
import { serve } from '../runtime/http/server.ts'
import { dashboard } from '../runtime/roles/dashboard.ts'
import type { Counts } from '../runtime/stream/result.ts'
import { traffic } from '../runtime/traffic/traffic.ts'
import { openBrowser, type Browser } from './browser.ts'
import { until } from './until.ts'

/**
 * Takes a picture of the dashboard, with an hour of generated traffic, by headless chromium:
 * `node dev/screenshot.ts [file] [<width>x<height>] [light|dark]`, in short `make screenshot`. Fails when the page
 * logs an error or does not show the newest window.
 */

const minute = 60_000
const start = Date.parse('2026-01-31T12:00:00Z')

const counts = (events: readonly ClickEvent[], field: keyof ClickEvent, most = Infinity): Counts => {
  const groups = Map.groupBy(events, (event) => String(event[field]))
  const all = Object.fromEntries(Array.from(groups, ([name, members]) => [name, members.length]))
  return Object.fromEntries(ranked(all).slice(0, most))
}

const window = (events: readonly ClickEvent[], at: number): Window => ({
  start: at,
  end: at + minute,
  result: {
    pipeline: 'clickstream',
    window_start: new Date(at).toISOString(),
    window_end: new Date(at + minute).toISOString(),
    total_events: events.length,
    unique_users: new Set(events.map((event) => event.user_id)).size,
    unique_sessions: new Set(events.map((event) => event.session_id)).size,
    event_types: counts(events, 'event_type'),
    devices: counts(events, 'device_type'),
    top_referrers: counts(events, 'referrer', 3),
    top_pages: counts(events, 'page_url', 5),
    avg_duration_ms: Math.round(events.reduce((sum, event) => sum + event.duration_ms, 0) / events.length),
    late_events: (at / minute) % 17 === 5 ? 21 : 0,
    invalid_events: (at / minute) % 17 === 11 ? 9 : 0,
    exact: true,
    clipped: false,
    generation: 1,
  },
})

/** An hour of windows of a minute, with the ups and downs of a day's traffic. */
const hour = (): Board => {
  const source = traffic({ seed: 'screenshot', users: 2_000, rate: 40 })
  let board = emptyBoard()
  for (let n = 0; n < 60; n += 1) {
    const swing = 1 + 0.28 * Math.sin(n / 8.5) + 0.1 * Math.sin(n * 1.9) + 0.05 * Math.sin(n * 5.3)
    const size = Math.round(2_400 * swing)
    const at = start + n * minute
    const events = Array.from({ length: size }, (_, i) => source.next(at + Math.floor((i * minute) / size)))
    board = withWindow(board, window(events, at))
  }
  return board
}

/** Shows the page at a size and takes its picture as soon as it shows the newest window. */
const picture = async (browser: Browser, { url, size, scheme, events }: Wanted): Promise<Buffer> => {
  const [width = 1280, height = 900] = size.split('x').map(Number)
  await browser.send('Emulation.setDeviceMetricsOverride', {
    width,
    height,
    deviceScaleFactor: 1,
    mobile: width < 600,
  })
  await browser.send('Emulation.setEmulatedMedia', {
    features: [{ name: 'prefers-color-scheme', value: scheme }],
  })
  await browser.send('Page.navigate', { url })
  const shownEvents = "document.getElementById('events')?.textContent"
  await until('the newest window on the page', async () => (await browser.evaluate(shownEvents)) === events, {
    deadline: 10_000,
  })
  await browser.evaluate('document.getAnimations().forEach((one) => one.finish())')
  if (browser.errors.length > 0) throw new Error(`the page has errors:\n${browser.errors.join('\n')}`)
  const { data } = await browser.send('Page.captureScreenshot', { format: 'png' })
  return Buffer.from(String(data), 'base64')
}

interface Wanted {
  url: string
  /** `<width>x<height>` */
  size: string
  scheme: string
  /** The newest window's events as the page writes them. */
  events: string
}

const take = async (file: string, { size, scheme }: { size: string; scheme: string }): Promise<void> => {
  const board = hour()
  const events = board.windows.at(-1)?.result.total_events.toLocaleString('en') ?? ''
  const shown = dashboard({
    pipeline: 'clickstream',
    board: () => board,
    backlog: () => ({ lag: 12, lateEvents: 4, invalidEvents: 1 }),
    now: () => start + 60 * minute + 4_000,
  })
  const failed = (error: unknown): boolean => process.stderr.write(`${String(error)}\n`)
  const server = await serve({ port: 0, route: (path) => shown.routes[path], failed })
  const browser = await openBrowser()
  try {
    const image = await picture(browser, { url: `http://127.0.0.1:${server.port}/`, size, scheme, events })
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, image)
    process.stdout.write(`${file}: ${Math.ceil(image.length / 1_000)} kB\n`)
  } finally {
    await browser.close()
    shown.close()
    await server.close()
  }
}

const [file = 'docs/images/dashboard.png', size = '1280x900', scheme = 'light'] = process.argv.slice(2)
await take(file, { size, scheme })
