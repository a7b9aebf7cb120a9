import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2'
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net'
import { after, test } from 'node:test'
import { KubeConfig } from '@kubernetes/client-node'
import { type Client, openClient } from './client.ts'
import type { Patience } from './connection.ts'
import { StatusFault } from './fault.ts'

type Answer = (stream: ServerHttp2Stream, headers: Record<string, unknown>) => void | Promise<void>

/** An HTTP/2 server without TLS; `connections` counts those it accepted. */
const server = async (answer: Answer) => {
  const http = createServer()
  let connections = 0
  http.on('session', () => connections++)
  http.on('stream', (stream, headers) => {
    stream.on('error', () => {}) // the client cancelled it
    void answer(stream, headers)
  })
  await listening(http)
  after(() => http.close())
  return { port: portOf(http), http, connections: () => connections }
}

const listening = (listener: Http2Server | ReturnType<typeof createTcpServer>) =>
  once(listener.listen(0, '127.0.0.1'), 'listening')
const portOf = (listener: { address(): unknown }) => (listener.address() as AddressInfo).port

const client = (port: number, options: { timeout?: number; patience?: Partial<Patience> } = {}): Client => {
  const config = new KubeConfig()
  config.loadFromClusterAndUser(
    { name: 'test', server: `http://127.0.0.1:${port}/prefix`, skipTLSVerify: true },
    { name: 'test', token: 'secret' },
  )
  const opened = openClient({ config, ...options })
  after(() => opened.close())
  return opened
}

const json =
  (body: unknown, status = 200) =>
  (stream: ServerHttp2Stream): void => {
    stream.respond({ ':status': status })
    stream.end(JSON.stringify(body))
  }

const faultOf = (promise: Promise<unknown>): Promise<StatusFault> =>
  promise.then(
    () => assert.fail('it was answered'),
    (error: unknown) => {
      assert.ok(error instanceof StatusFault, String(error))
      return error
    },
  )

test('a request carries path, query, body and credentials, and gives the JSON of the answer', async () => {
  const seen: unknown[] = []
  const { port } = await server(async (stream, headers) => {
    let body = ''
    for await (const chunk of stream.setEncoding('utf8')) body += String(chunk)
    seen.push(headers[':method'], headers[':path'], headers['content-type'], headers['authorization'], body)
    json({ kind: 'Echo' })(stream)
  })
  const answer = await client(port).request({
    method: 'PATCH',
    path: '/apis/x',
    query: { force: 'true', absent: undefined },
    body: { a: 1 },
    contentType: 'application/apply-patch+yaml',
  })
  assert.deepEqual(answer, { kind: 'Echo' })
  assert.deepEqual(seen, [
    'PATCH',
    '/prefix/apis/x?force=true',
    'application/apply-patch+yaml',
    'Bearer secret',
    '{"a":1}',
  ])
})

test('an answer that is complete before anybody reads it is not lost', async () => {
  let closed: Promise<unknown> = Promise.resolve()
  const { port } = await server((stream) => {
    closed = once(stream, 'close')
    json({ ok: true })(stream)
  })
  const text = await client(port).stream({ method: 'GET', path: '/x' })
  await closed
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
  let read = ''
  for await (const piece of text) read += piece
  assert.equal(read, '{"ok":true}')
})

test('a DELETE carries its body too', async () => {
  const { port } = await server(async (stream) => {
    let body = ''
    for await (const chunk of stream.setEncoding('utf8')) body += String(chunk)
    json({ body })(stream)
  })
  const answer = await client(port).request({ method: 'DELETE', path: '/x', body: { uid: 'a' } })
  assert.deepEqual(answer, { body: '{"uid":"a"}' })
})

test('two hundred requests and four watches share one connection', async () => {
  const { port, connections } = await server((stream, headers) => {
    if (String(headers[':path']).endsWith('/watch')) stream.respond({ ':status': 200 })
    else json({})(stream)
  })
  const { request, stream } = client(port)
  const get = { method: 'GET', path: '/x' } as const
  for (let i = 0; i < 4; i++) await stream({ method: 'GET', path: '/watch' })
  for (let i = 0; i < 4; i++) await Promise.all(Array.from({ length: 50 }, () => request(get)))
  assert.equal(connections(), 1)
})

test('a refusal is a fault with its reason and Retry-After', async () => {
  const { port } = await server((stream) => {
    stream.respond({ ':status': 429, 'retry-after': '3' })
    stream.end('{"message":"too many requests"}')
  })
  const { message, reason, code, retryAfter } = await faultOf(
    client(port).request({ method: 'GET', path: '/x' }),
  )
  assert.equal(message, 'GET /x: 429: too many requests')
  assert.deepEqual([reason, code, retryAfter], ['TooManyRequests', 429, 3000])
})

test('a watch that is refused is a fault too', async () => {
  const { port } = await server(json({ message: 'not for you' }, 403))
  const fault = await faultOf(client(port).stream({ method: 'GET', path: '/watch' }))
  assert.deepEqual([fault.message, fault.reason], ['GET /watch: 403: not for you', 'Forbidden'])
})

test('a request that is not answered in time fails, and the connection goes on', async () => {
  const { port, connections } = await server((stream, headers) => {
    if (headers[':path'] === '/prefix/good') json({})(stream)
  })
  const { request } = client(port, { timeout: 50 })
  const { message, retry } = await faultOf(request({ method: 'GET', path: '/silent' }))
  assert.equal(message, 'GET /silent: the API server did not answer: not within 0.05 s')
  assert.equal(retry, true)
  await request({ method: 'GET', path: '/good' })
  assert.equal(connections(), 1)
})

test('a server that nobody can reach is a fault that can be tried again', async () => {
  const { port, http } = await server(json({}))
  await new Promise((resolve) => http.close(resolve))
  const { reason, message } = await faultOf(client(port).request({ method: 'GET', path: '/x' }))
  assert.equal(reason, 'Unavailable')
  assert.match(message, /ECONNREFUSED/)
})

test('an abort ends a watch and closes its stream at the server', async () => {
  let closed: Promise<unknown> = Promise.resolve()
  const { port } = await server((stream) => {
    closed = once(stream, 'close')
    stream.respond({ ':status': 200 })
    stream.write('one\n')
  })
  const end = new AbortController()
  const text = await client(port).stream({ method: 'GET', path: '/watch', signal: end.signal })
  await assert.rejects(async () => {
    for await (const _ of text) end.abort()
  })
  await closed
})

test('a goodbye of the server lets the watch run on and sends the next request over a new connection', async () => {
  const watches: ServerHttp2Stream[] = []
  const { port, connections } = await server((stream, headers) => {
    if (headers[':path'] !== '/prefix/watch') return json({})(stream)
    stream.respond({ ':status': 200 })
    watches.push(stream)
  })
  const { request, stream } = client(port)
  const text = await stream({ method: 'GET', path: '/watch' })
  const [watch] = watches
  watch?.session?.goaway()
  await request({ method: 'GET', path: '/x' }).catch(() => {}) // may still go out before the goodbye is read
  await request({ method: 'GET', path: '/x' })
  assert.equal(connections(), 2)
  watch?.end('still here\n')
  let read = ''
  for await (const chunk of text) read += chunk
  assert.equal(read, 'still here\n')
})

test('a half-open connection is noticed by its ping, and the next request gets a new one', async () => {
  const { port, connections } = await server((stream, headers) => {
    if (headers[':path'] === '/prefix/watch') stream.respond({ ':status': 200 })
    else json({})(stream)
  })
  const sockets: Socket[] = []
  const proxy = createTcpServer((near) => {
    const far = connect(port, '127.0.0.1')
    near
      .on('error', () => {})
      .pipe(far.on('error', () => {}))
      .pipe(near)
    sockets.push(near, far)
  })
  await listening(proxy)
  after(() => {
    proxy.close()
    for (const socket of sockets) socket.destroy()
  })
  const { request, stream } = client(portOf(proxy), { patience: { pingEvery: 100, answerWithin: 200 } })
  const text = await stream({ method: 'GET', path: '/watch' })
  const [near, far] = sockets
  near?.unpipe()
  far?.unpipe() // both ends stay open, and nothing passes any more
  await assert.rejects(async () => {
    for await (const _ of text) assert.fail('nothing can come')
  }, /no answer to a ping within 0.2 s/)
  await request({ method: 'GET', path: '/x' })
  assert.equal(connections(), 2)
})

test('a silent but living connection stays', async () => {
  const { port, connections } = await server((stream) => {
    stream.respond({ ':status': 200 })
    stream.session?.ping(() => {})
    setTimeout(() => stream.end('done\n'), 150)
  })
  const { stream } = client(port, { patience: { pingEvery: 20, answerWithin: 1000 } })
  let read = ''
  for await (const chunk of await stream({ method: 'GET', path: '/watch' })) read += chunk
  assert.equal(read, 'done\n')
  assert.equal(connections(), 1)
})

test('a proxy in the kubeconfig is refused with a sentence', () => {
  const config = new KubeConfig()
  config.loadFromClusterAndUser(
    { name: 'test', server: 'https://127.0.0.1', skipTLSVerify: false, proxyUrl: 'http://127.0.0.1:1' },
    { name: 'test' },
  )
  assert.throws(() => openClient({ config }), /proxy-url of cluster test is not supported/)
})
