import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Connection } from './connection.ts'

/** A server of HTTP/2 that counts its connections. */
const counting = async () => {
  const server = createServer()
  let accepted = 0
  server.on('session', () => (accepted += 1))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const endpoint = { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, tls: {} }
  return { server, endpoint, accepted: () => accepted }
}

test('any number of writes can wait for one connection, without a word from Node', async () => {
  const warnings: Error[] = []
  const warned = (warning: Error) => warnings.push(warning)
  process.on('warning', warned)
  const { server, endpoint, accepted } = await counting()
  const connection = new Connection()
  await Promise.all(Array.from({ length: 20 }, () => connection.ready(endpoint)))
  await turn() // a warning comes a turn later
  process.off('warning', warned)
  connection.close(new Error('the test is over'))
  server.close()
  assert.deepEqual([accepted(), warnings], [1, []])
})

test('a connection that does not come up is told to all who wait for it', async () => {
  const connection = new Connection()
  const endpoint = { origin: 'http://127.0.0.1:1', tls: {} }
  const waits = await Promise.allSettled([connection.ready(endpoint), connection.ready(endpoint)])
  assert.deepEqual(
    waits.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
})

test('a connection that is closed in the very moment in which it comes up throws at nobody', async () => {
  const { server, endpoint } = await counting()
  const connection = new Connection()
  const stream = connection.request(endpoint, {})
  // After Node's own listener, which says that it is up, though not before the next tick.
  stream.session?.socket.once('connect', () => connection.close(new Error('right now')))
  await assert.rejects(once(stream, 'response'), /right now/)
  await turn()
  server.close()
})

test('what is still to be sent when a connection is closed opens no other', async () => {
  const { server, endpoint, accepted } = await counting()
  const connection = new Connection()
  await connection.ready(endpoint)
  connection.close(new Error('over'))
  await assert.rejects(connection.ready(endpoint), /over/)
  assert.throws(() => connection.request(endpoint, {}), /over/)
  server.close()
  assert.equal(accepted(), 1)
})

test('a closed connection ends the requests of a former session too, to which the server said goodbye', async () => {
  const { server, endpoint, accepted } = await counting()
  const goodbye = new Promise<void>((resolve) =>
    server.once('stream', (stream) => {
      stream.on('error', () => {}) // the client leaves it
      stream.session?.goaway()
      resolve()
    }),
  )
  const connection = new Connection()
  const former = connection.request(endpoint, {})
  await goodbye
  while (former.session?.closed !== true) await turn()
  await connection.ready(endpoint)
  assert.equal(accepted(), 2)
  connection.close(new Error('over'))
  await assert.rejects(once(former, 'response', { signal: AbortSignal.timeout(2_000) }), /over/)
  server.close()
})
