import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { KubeConfig } from '@kubernetes/client-node'
import { openClient } from './client.ts'

test('a token that was replaced in its file is used by the requests after a minute', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'token-'))
  const file = join(directory, 'token')
  const server = createServer((request, response) =>
    response.end(JSON.stringify(request.headers['authorization'])),
  )
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const config = new KubeConfig()
  config.loadFromClusterAndUser(
    { name: 'test', server: `http://127.0.0.1:${port}`, skipTLSVerify: true },
    { name: 'test', authProvider: { name: 'tokenFile', config: { tokenFile: file } } },
  )
  const client = openClient({ config })
  const used = () => client.request({ method: 'GET', path: '/x' })
  t.mock.timers.enable({ apis: ['Date'] })
  try {
    writeFileSync(file, 'first')
    assert.equal(await used(), 'Bearer first')
    writeFileSync(file, 'second')
    t.mock.timers.tick(30_000)
    assert.equal(await used(), 'Bearer first')
    t.mock.timers.tick(31_000)
    assert.equal(await used(), 'Bearer second')
  } finally {
    client.close()
    server.close()
    rmSync(directory, { recursive: true })
  }
})
