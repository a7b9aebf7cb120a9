import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { alive, type Daemon, kill, launch, stop, untilReady } from './process.ts'
import { until } from './until.ts'

const folder = mkdtempSync(join(tmpdir(), 'process-'))
const log = join(folder, 'log')
after(() => rmSync(folder, { recursive: true }))

function start(script: string): Promise<Daemon> {
  return launch({ name: 'sh', argv: ['sh', '-c', script], log, lifetime: 'bound' })
}

/** A bound process is killed as soon as it was started, with its parent. */
async function orphan(within: readonly string[]): Promise<Daemon> {
  const launched = { name: 's', argv: ['sleep', '60'], log, lifetime: 'bound', within }
  const script = `import { launch } from '${join(import.meta.dirname, 'process.ts')}'
    console.log(JSON.stringify(await launch(${JSON.stringify(launched)})))
    setInterval(() => {}, 1000)`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(parent.stdout, 'data')
  const daemon: Daemon = JSON.parse(String(line))
  assert.equal(alive(daemon), true)
  parent.kill('SIGKILL')
  return daemon
}

test('a bound process is killed with the Node process that started it', async () => {
  const daemon = await orphan([])
  await until('the end of the child', () => !alive(daemon), { deadline: 5000 })
})

test('a bound process whose parent was killed before it was bound ends too', async () => {
  const daemon = await orphan(['sh', '-c', 'sleep 0.5; exec "$@"', 'sh'])
  await until('the end of the child', () => !alive(daemon), { deadline: 5000 })
})

test('a process that ignores SIGTERM is killed when its grace is over', async () => {
  const daemon = await start('trap "" TERM; echo trapped; while :; do sleep 0.1; done')
  await untilReady(daemon, async () => readFileSync(log, 'utf8').includes('trapped'))
  const begin = Date.now()
  await stop(daemon, 200)
  assert.ok(Date.now() - begin >= 200)
  assert.equal(alive(daemon), false)
})

test('a stranger with the recorded pid is not ours and is left alone', async () => {
  const daemon = await start('exec sleep 60')
  const recycled = { ...daemon, startTime: daemon.startTime - 1 }
  await kill(recycled)
  assert.equal(alive(recycled), false)
  assert.equal(alive(daemon), true)
  await kill(daemon)
})

test('waiting for a process that ended gives up at once and quotes its log', async () => {
  const daemon = await start('echo no such port >&2; exit 1')
  await assert.rejects(
    untilReady(daemon, async () => false),
    /sh ended at its start.*\n.*no such port/s,
  )
})
