import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { total, since, writesIn } from '../../bench/operator/counts.ts'
import {
  converge,
  type Converged,
  edit,
  fill,
  flooded,
  idle,
  keysOf,
  passes,
  restart,
} from '../../bench/operator/measure.ts'
import { openStage, type Operator, type Stage } from '../../bench/operator/stage.ts'

/** The short form of `make bench-operator`: wide gates, on a machine that has other work. */

const keys = keysOf(50)
/** Seconds. */
const still = 2
let stage: Stage
let operator: Operator
let converged: Converged

before(async () => {
  // Without consumers nothing is asked, and nothing comes to be known as time goes by.
  stage = await openStage({ consumer: { replicas: 0 } })
  await fill(stage, keys)
})
after(async () => {
  await operator?.stop()
  await stage?.close()
})

test('fifty pipelines converge within 30 s, in few passes, and no pass asks for what the caches have', async (t) => {
  ;({ operator, converged } = await converge(stage, keys, still))
  const requests = await operator.metric('rest_client_requests_total')
  const [made, written] = [converged.passes, total(converged.writes)]
  t.diagnostic(`${converged.seconds} s, ${made} passes, ${requests} requests, ${written} of them writes`)
  assert.ok(converged.seconds <= 30, `${converged.seconds} s`)
  assert.ok(made <= 8 * keys.length, `${made} passes`)
  assert.ok(requests <= 20 * keys.length && requests <= 6 * made, `${requests} requests in ${made} passes`)
  // Lists, watches, which topics are served, and the lease.
  assert.ok(requests - written <= 80, `${requests - written} requests that write no pipeline and no child`)
  assert.equal(converged.dropped, 0)
})

test('then nothing is written, by anyone, while nobody changes anything', async () => {
  assert.deepEqual(await idle(stage, 4 / 60, still), {})
})

test('an edit of one pipeline is one write of one child, and a few of its status and of events', async () => {
  const [[key], requests, made] = [keys, await stage.requests(), await passes(operator)]
  assert.ok(key)
  const { written } = await edit(stage, key, 77)
  assert.deepEqual(await idle(stage, 1 / 60, still), {})
  const writes = writesIn(since(requests, await stage.requests()))
  assert.ok(written <= 5_000, `${written} ms`)
  assert.equal(writes['deployments APPLY'], 1)
  assert.ok(total(writes) <= 8, JSON.stringify(writes))
  assert.ok((await passes(operator)) - made <= 8)
})

test('a tenant that edits all it has, again and again, holds up no edit of another by more than 5 s', async (t) => {
  const { flood, edits } = await flooded(stage, operator, keys)
  const slowest = Math.max(...edits.map(({ written }) => written))
  t.diagnostic(`${flood} edits of one tenant, ${edits.length} of another, the slowest after ${slowest} ms`)
  assert.ok(edits.length > 0 && slowest <= 5_000, `${slowest} ms`)
})

test('in 120 MB, and an operator that is started anew is caught up within 20 s and writes nothing', async (t) => {
  const { peak } = operator.usage()
  assert.deepEqual(await idle(stage, 1 / 60, still), {})
  const { seconds, writes } = await restart(stage, { before: operator, pipelines: keys.length })
  t.diagnostic(`at most ${peak} MB; caught up after ${seconds} s`)
  assert.ok(peak <= 120, `${peak} MB`)
  assert.ok(seconds <= 20, `${seconds} s`)
  assert.deepEqual(writes, {})
})
