import assert from 'node:assert/strict'
import { test } from 'node:test'
import { longestEvent } from '../traffic/event-text.ts'
import { Outbox } from './outbox.ts'
import { turns } from './testing/clock.ts'

const key = Buffer.from('user')

/** An outbox whose appends are done when the test says so, and what they were given. */
const held = () => {
  const appended: string[][] = []
  const waiting: (() => void)[] = []
  const out = new Outbox({
    append(partition, messages) {
      appended.push([...messages].map(({ value }) => `${partition} ${Number(String(value))}`))
      return new Promise<void>((resolve) => waiting.push(resolve))
    },
    failed: () => assert.fail('nothing fails here'),
  })
  const put = (partition: number, number: number, size: number): void =>
    out.batch(partition).add({ key, timestamp: 0 }, (sheet) => {
      sheet.end += Buffer.from(sheet.bytes.buffer).write(String(number).padStart(size, '0'), sheet.end)
    })
  const acknowledge = async (): Promise<void> => {
    waiting.shift()?.()
    await turns(5)
  }
  return { out, put, appended, acknowledge }
}

test('an event is unsent until the log has it, whether it waits or is under way', async () => {
  const { out, put, appended, acknowledge } = held()
  put(0, 1, 3)
  out.send()
  put(0, 2, 3)
  out.send()
  assert.deepEqual([out.unsent(), out.sent(), appended], [2, 0, [['0 1']]])
  await acknowledge()
  assert.deepEqual([out.unsent(), out.sent(), appended], [1, 1, [['0 1'], ['0 2']]])
  await acknowledge()
  assert.deepEqual([out.unsent(), out.sent()], [0, 2])
})

test('what does not fit into a batch goes into the next one, in order', async () => {
  const { out, put, appended, acknowledge } = held()
  const count = 4_000
  for (let number = 0; number < count; number += 1) put(7, number, longestEvent)
  out.send()
  while (out.unsent() > 0) await acknowledge()
  assert.ok(appended.length > 1 && appended.every((batch) => batch.length * longestEvent < 900_000))
  assert.deepEqual(
    appended.flat(),
    Array.from({ length: count }, (_, number) => `7 ${number}`),
  )
})
