import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test, type TestContext } from 'node:test'
import type { Handler } from '../roles/role.ts'
import { eventStream } from './events.ts'
import { answerText, healthHandler, serve } from './server.ts'

const listening = async (t: TestContext, routes: Record<string, Handler>, failures: unknown[] = []) => {
  const server = await serve({
    port: 0,
    route: (path) => routes[path],
    failed: (error) => void failures.push(error),
  })
  t.after(() => server.close())
  return { server, url: `http://127.0.0.1:${server.port}` }
}

const hello: Handler = (_request, response) => answerText(response, 200, 'hello')

test('a path is answered, with any query; another is 404; another method is 405', async (t) => {
  const { url } = await listening(t, { '/hello': hello })
  assert.equal(await (await fetch(`${url}/hello?x=1`)).text(), 'hello\n')
  assert.equal((await fetch(`${url}/hello`, { method: 'HEAD' })).status, 200)
  assert.equal((await fetch(`${url}/hello/`)).status, 404)
  assert.equal((await fetch(`${url}/constructor`)).status, 404)
  const refused = await fetch(`${url}/hello`, { method: 'POST', body: 'x' })
  assert.equal(refused.status, 405)
  assert.equal(refused.headers.get('allow'), 'GET, HEAD')
})

test('every answer forbids sniffing, framing, caching and scripts', async (t) => {
  const { url } = await listening(t, {})
  const { headers } = await fetch(`${url}/none`)
  assert.equal(headers.get('x-content-type-options'), 'nosniff')
  assert.equal(headers.get('cache-control'), 'no-store')
  assert.equal(headers.get('content-security-policy'), "default-src 'none'; frame-ancestors 'none'")
})

test('health is 200 or 503 with the reason', async (t) => {
  let ok = true
  const { url } = await listening(t, { '/healthz': healthHandler(() => ({ ok, why: 'because' })) })
  assert.equal((await fetch(`${url}/healthz`)).status, 200)
  ok = false
  const response = await fetch(`${url}/healthz`)
  assert.equal(response.status, 503)
  assert.equal(await response.text(), 'because\n')
})

test('a handler that throws is a 500, is told, and the server goes on', async (t) => {
  const failures: unknown[] = []
  const broken: Handler = () => {
    throw new Error('broken')
  }
  const { url } = await listening(t, { '/broken': broken, '/hello': hello }, failures)
  assert.equal((await fetch(`${url}/broken`)).status, 500)
  assert.equal(failures.length, 1)
  assert.equal((await fetch(`${url}/hello`)).status, 200)
})

test('a request that is no HTTP does not disturb the server', async (t) => {
  const { server, url } = await listening(t, { '/hello': hello })
  const socket = connect(server.port, '127.0.0.1')
  socket.end('\u0000\u0001 nonsense\r\n\r\n')
  await new Promise((resolve) => socket.once('close', resolve))
  assert.equal((await fetch(`${url}/hello`)).status, 200)
})

test('a port that is taken is an error', async (t) => {
  const { server } = await listening(t, {})
  const again = serve({ port: server.port, route: () => undefined, failed: () => undefined })
  await assert.rejects(again, { code: 'EADDRINUSE' })
})

test('closing ends open streams within about a second', async () => {
  const stream: Handler = (_request, response) => void response.writeHead(200).write('x')
  const server = await serve({ port: 0, route: () => stream, failed: () => undefined })
  const { body } = await fetch(`http://127.0.0.1:${server.port}/`)
  const ended = body?.pipeTo(new WritableStream()).catch(() => undefined)
  const began = Date.now()
  await server.close()
  await ended
  assert.ok(Date.now() - began < 5_000)
})

test('a stream takes a bounded number of clients and cuts off one that does not read', async (t) => {
  const events = eventStream({
    hello: () => ({ name: 'hello', data: 1 }),
    heartbeat: () => ({ name: 'beat', data: 1 }),
    interval: 60_000,
    most: 1,
    backlog: 100_000,
  })
  t.after(() => events.close())
  const { server, url } = await listening(t, { '/events': events.handler })
  const slow = connect(server.port, '127.0.0.1')
  slow.write('GET /events HTTP/1.1\r\nhost: x\r\n\r\n')
  await new Promise((resolve) => slow.once('data', resolve))
  slow.pause()
  assert.equal(events.clients(), 1)
  assert.equal((await fetch(`${url}/events`)).status, 503)
  const deadline = Date.now() + 10_000
  while (events.clients() === 1 && Date.now() < deadline) {
    events.send({ name: 'big', data: 'x'.repeat(1_000_000) })
    await new Promise((resolve) => void setImmediate(resolve))
  }
  assert.equal(events.clients(), 0)
  slow.destroy()
})
