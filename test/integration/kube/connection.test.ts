import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { Http2Session } from 'node:http2'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { until } from '../../../dev/until.ts'
import { Connection } from '../../../operator/kube/connection.ts'
import { type Network, startNetwork } from '../../faults/network.ts'
import { World } from './world.ts'

let world: World
let network: Network

before(async () => {
  world = await World.start()
  network = await startNetwork(world.port)
})

after(async () => {
  network.close()
  await world.end()
})

test('connections that are reset in the middle of writes are gone when they are closed', async () => {
  const ca = readFileSync(world.plane.api.authority)
  const endpoint = { origin: `https://127.0.0.1:${network.port}`, tls: { ca } }
  const open = new Set<Http2Session>()
  for (let n = 0; n < 100; n += 1) {
    const connection = new Connection()
    const write = () => {
      const stream = connection.request(endpoint, { ':method': 'POST' }).on('error', () => {})
      stream.write(Buffer.alloc(50_000 + 1_000 * n))
      return stream.session
    }
    const session = write() ?? assert.fail('a new connection has a session')
    open.add(session)
    session.once('close', () => open.delete(session))
    await pause(n % 8)
    for (let more = 0; more < 3; more += 1) write()
    network.reset()
    await pause(n % 2)
    connection.close(new Error('over'))
  }
  await until('the end of all', () => open.size === 0, { deadline: 5_000 })
})
