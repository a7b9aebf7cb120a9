import type { ServerResponse } from 'node:http'
import type { Handler } from '../roles/role.ts'
import { answerText } from './server.ts'

/** One server-sent event. */
export interface ServerEvent {
  name: string
  data: unknown
}

/** Server-sent events to many clients. */
export interface EventStream {
  handler: Handler
  send(event: ServerEvent): void
  clients(): number
  close(): void
}

const text = ({ name, data }: ServerEvent): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`

/**
 * A stream whose clients first get `hello`, then every event sent, and `heartbeat` at an interval in
 * milliseconds. At most `most` clients; one that has more than `backlog` bytes unread is cut off and may
 * come back.
 */
export const eventStream = (options: {
  hello: () => ServerEvent
  heartbeat: () => ServerEvent
  interval: number
  most: number
  backlog: number
}): EventStream => {
  const clients = new Set<ServerResponse>()
  const sendText = (body: string): void => {
    for (const client of clients) {
      if (client.writableLength > options.backlog) client.destroy()
      else client.write(body)
    }
  }
  const timer = setInterval(() => sendText(text(options.heartbeat())), options.interval)
  timer.unref()
  return {
    handler(request, response) {
      if (clients.size >= options.most) {
        response.setHeader('retry-after', '30')
        return answerText(response, 503, 'too many dashboards are open')
      }
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'x-accel-buffering': 'no',
      })
      if (request.method === 'HEAD') {
        response.end()
        return
      }
      clients.add(response)
      response.on('close', () => clients.delete(response))
      response.write(`retry: 2000\n\n${text(options.hello())}`)
    },
    send: (event) => sendText(text(event)),
    clients: () => clients.size,
    close() {
      clearInterval(timer)
      for (const client of clients) client.end()
    },
  }
}
