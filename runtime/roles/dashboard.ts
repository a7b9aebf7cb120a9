import { createHash } from 'node:crypto'
import type { Board, Shown } from '../board/board.ts'
import { page, pageScript, pageStyle } from '../board/page/page.ts'
import { summary } from '../board/summary.ts'
import { eventStream, type ServerEvent } from '../http/events.ts'
import { addressOf, answer, answerJson } from '../http/server.ts'
import type { Backlog, Summary } from '../summary.ts'
import type { Handler } from './role.ts'

/** The dashboard's side of the network. */
export interface Dashboard {
  routes: Readonly<Record<string, Handler>>
  /** Shows a new window to every open page. */
  show(window: Shown): void
  /** Shows the whole board to every open page. */
  showAll(): void
  summary(): Summary
  /** Open pages. */
  clients(): number
  close(): void
}

const digest = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

const policy = [
  "default-src 'none'",
  `style-src ${digest(pageStyle)}`,
  `script-src ${digest(pageScript)}`,
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const showPage: Handler = (_request, response) => {
  response.setHeader('content-security-policy', policy)
  answer(response, { type: 'text/html; charset=utf-8', body: page })
}

/** A window as the page and `/api/windows` give it. */
const view = (window: Shown) => ({ ...window.result, repeated: window.repeated })

/** `/api/windows?limit=`: the newest windows, newest first. */
const showWindows =
  (board: () => Board): Handler =>
  (request, response) => {
    const given = addressOf(request)?.searchParams.get('limit') ?? '20'
    const limit = /^\d{1,4}$/.test(given) ? Number(given) : 0
    if (limit < 1) return answerJson(response, 400, { error: 'limit must be a whole number from 1 on' })
    answerJson(response, 200, { windows: board().windows.slice(-limit).toReversed().map(view) })
  }

/** The dashboard of a board and a backlog that are read anew for each answer. */
export const dashboard = (options: {
  pipeline: string
  board: () => Board
  backlog: () => Backlog
  now: () => number
}): Dashboard => {
  const current = (): Summary =>
    summary(options.board(), {
      pipeline: options.pipeline,
      now: options.now(),
      backlog: options.backlog(),
    })
  const whole = (): ServerEvent => ({
    name: 'board',
    data: { summary: current(), windows: options.board().windows.map(view) },
  })
  const events = eventStream({
    hello: whole,
    heartbeat: () => ({ name: 'summary', data: { summary: current() } }),
    interval: 5_000,
    most: 100,
    backlog: 1_000_000,
  })
  return {
    routes: {
      '/': showPage,
      '/events': events.handler,
      '/api/summary': (_request, response) => answerJson(response, 200, current()),
      '/api/windows': showWindows(options.board),
    },
    show: (window) => events.send({ name: 'window', data: { summary: current(), window: view(window) } }),
    showAll: () => events.send(whole()),
    summary: current,
    clients: () => events.clients(),
    close: () => events.close(),
  }
}
