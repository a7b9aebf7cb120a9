import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { cached, lock } from './cache.ts'
import { run } from './command.ts'
import { until } from './until.ts'

let root = ''

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cache-'))
  process.env['XDG_CACHE_HOME'] = root
})

afterEach(() => rmSync(root, { recursive: true }))

test('what two want at once is made once', async () => {
  let made = 0
  const make = async (draft: string) => writeFileSync(draft, String((made += 1)))
  const [first, second] = await Promise.all([cached('thing', make), cached('thing', make)])
  assert.equal(first, join(root, 'clickstream-operator', 'thing'))
  assert.equal(second, first)
  assert.equal(readFileSync(first, 'utf8'), '1')
})

test('a failed attempt leaves nothing that looks finished, and the next one succeeds', async () => {
  const fail = async (draft: string) => {
    writeFileSync(draft, 'half')
    throw new Error('no space')
  }
  await assert.rejects(cached('thing', fail), /no space/)
  assert.equal(readdirSync(join(root, 'clickstream-operator')).includes('thing'), false)
  const path = await cached('thing', async (draft) => writeFileSync(draft, 'whole'))
  assert.equal(readFileSync(path, 'utf8'), 'whole')
})

test('a lock is held by one at a time', async () => {
  const file = join(root, 'lock')
  const attempt = ['flock', '--nonblock', file, 'true']
  const unlock = await lock(file)
  await assert.rejects(run(attempt), /ended with 1/)
  unlock()
  await until('the lock is free', () => run(attempt))
})
