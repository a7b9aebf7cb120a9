import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { LogFault, type Place } from '../roles/log.ts'
import { takeLease } from './lease.ts'
import type { Request } from './line.ts'
import type { Transport } from './transport.ts'

const never = new AbortController().signal
const place = (topic: string): Place => ({ topic, partition: 0 })

/** A lease at brokers that do all they are asked, though the answer to one request is lost, and what was asked of them. */
const given = async ({ slow, loses }: { slow?: string; loses?: string }) => {
  const asked: string[] = []
  const answer = (text: string): unknown => {
    asked.push(text)
    if (text === loses && asked.filter((each) => each === loses).length === 1)
      throw new LogFault('no answer', { reason: 'Unreachable', retry: true })
    return { producerId: 1n, epoch: 0 }
  }
  const transport = {
    signal: never,
    forget: () => undefined,
    leader: async ({ topic }: Place) => {
      for (let turns = topic === slow ? 5 : 0; turns > 0; turns -= 1) await turn()
      return topic
    },
    send: async (leader: string, { name }: Request<unknown>) => {
      await turn()
      return answer(`${name} ${leader}`)
    },
    coordinate: async (_kind: string, _key: string, { name }: Request<unknown>) => {
      await turn()
      return answer(name)
    },
  } as unknown as Transport
  const lease = await takeLease(transport, 'shop.task.0', never)
  asked.length = 0
  return { lease, asked }
}

test('records go to the first place before any other, also where its leader must be looked up: crashes are judged by it', async () => {
  const { lease, asked } = await given({ slow: 'panes' })
  const messages = [{ key: null, value: null }]
  const appends = ['panes', 'dlq'].map((topic) => ({ ...place(topic), messages }))
  await lease.commit({ appends, group: 'g', positions: [] })
  assert.deepEqual(asked, ['AddPartitionsToTxn', 'Produce panes', 'Produce dlq', 'EndTxn'])
})

test('the end of what hangs is asked for until it is answered: the next lease would roll it back', async () => {
  const { lease, asked } = await given({ loses: 'EndTxn' })
  await lease.settle({ group: 'g', partitions: [place('panes')], commit: true })
  assert.deepEqual(asked, ['AddPartitionsToTxn', 'AddOffsetsToTxn', 'EndTxn', 'EndTxn'])
})

for (const [what, appends, first] of [
  ['records', [{ ...place('panes'), messages: [{ key: null, value: null }] }], 'AddPartitionsToTxn'],
  ['positions alone', [], 'AddOffsetsToTxn'],
] as const)
  test(`a transaction of ${what} does not begin at a broker that was away: the marks of the one before may be forgotten`, async () => {
    const { lease, asked } = await given({ loses: first })
    const positions = [{ ...place('events'), offset: 1, metadata: '' }]
    await assert.rejects(lease.commit({ appends, group: 'g', positions }), { reason: 'Unreachable' })
    assert.deepEqual(asked, [first])
  })
