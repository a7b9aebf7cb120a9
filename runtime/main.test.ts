import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'

const main = join(import.meta.dirname, 'main.ts')

const start = (args: string[], env: Record<string, string> = {}) =>
  spawn(process.execPath, [main, ...args], { env, stdio: ['ignore', 'ignore', 'pipe'] })

const ended = async (child: ReturnType<typeof start>) => {
  const [[code], words] = await Promise.all([once(child, 'close'), text(child.stderr)])
  return { code: code as number | null, words }
}

test('without a role it tells its usage and fails', async () => {
  const { code, words } = await ended(start([]))
  assert.equal(code, 1)
  assert.equal(words, 'usage: node runtime/main.ts producer|processor|consumer\n')
})

test('settings that are not valid are told, and it fails', async () => {
  const { code, words } = await ended(start(['consumer'], { PIPELINE: 'shop', NAMESPACE: 'default' }))
  assert.equal(code, 1)
  assert.equal(words, 'settings are not valid:\n  KAFKA_BOOTSTRAP_SERVERS is not set\n')
})

test('SIGTERM ends a process that waits for Kafka, in order', async (t) => {
  const child = start(['consumer'], {
    PIPELINE: 'shop',
    NAMESPACE: 'default',
    KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1',
    HTTP_PORT: '0',
  })
  t.after(() => child.kill('SIGKILL'))
  const end = ended(child)
  let words = ''
  while (!words.includes('"listening"')) words += String((await once(child.stderr, 'data'))[0])
  child.kill('SIGTERM')
  const { code, words: last } = await end
  assert.equal(code, 0)
  assert.match(last, /"signal":"SIGTERM","msg":"stopping"\}\n.*"msg":"stopped"\}\n$/)
})
