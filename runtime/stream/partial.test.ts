import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Message } from '../roles/log.ts'
import type { Pane } from './pane.ts'
import {
  includes,
  markerMessage,
  mergePartial,
  PartialWriter,
  parseMarker,
  parsePanesKey,
  UnreadablePanes,
} from './partial.ts'
import { count, emptyTally, type Tally } from './tally.ts'
import { scannedEvent } from '../testing/scanned.ts'

const paneMessages = (pane: Pane) => new PartialWriter().write([pane])
const emptyPane = (start: number) => ({ start, first: 0, tally: emptyTally() })

/** What a partial adds to an empty tally. */
const parsed = (bytes: Uint8Array): Tally => {
  const tally = emptyTally()
  mergePartial(tally, bytes)
  return tally
}

const joined = (messages: readonly Message[]): Uint8Array =>
  Buffer.concat(messages.map(({ value }) => value ?? new Uint8Array()))

test('a partial reads back as it was written, with names of every kind', () => {
  const pane = emptyPane(5_000)
  for (const [index, page] of ['/home', '__proto__', '1', '', 'größer \u0000 "', '__other__'].entries()) {
    const id = { high: index, low: 1 }
    count(pane.tally, scannedEvent({ page, user: id, session: id }))
  }
  pane.tally.duration.addLarge(2n ** 60n)
  const bytes = joined(paneMessages(pane))
  const read = parsed(bytes)
  assert.deepEqual(joined(paneMessages({ ...pane, tally: read })), bytes)
  assert.equal(read.pages.others, 0)
  assert.deepEqual([...read.pages.entries()].at(4), ['größer \u0000 "', 1])
})

test('the fullest partial is cut into records far below what a broker takes, and reads back', () => {
  const tally = emptyTally()
  for (let index = 0; index < 20_000; index += 1) {
    const name = `/${String(index).padStart(98, 'x')}`
    const id = { high: Math.imul(index, 0x9e3779b1), low: index + 1 }
    count(tally, scannedEvent({ page: name, referrer: name, device: name, user: id, session: id }))
  }
  const messages = paneMessages({ start: 0, first: 0, tally })
  assert.ok(messages.length >= 4)
  for (const { value } of messages) assert.ok((value?.length ?? 0) <= 700_000)
  const read = parsed(joined(messages))
  assert.equal(read.pages.others, 10_000)
  assert.equal(read.users.count(), tally.users.count())
  assert.deepEqual(parsePanesKey(messages[1]?.key ?? null), {
    kind: 'pane',
    start: 0,
    part: 2,
    parts: messages.length,
  })
})

test('the partials of one commit are valid together, and those of the next take their memory', () => {
  const writer = new PartialWriter()
  const panes = [1, 2, 3].map((number) => {
    const pane = emptyPane(number * 1_000)
    for (let index = 0; index < number; index += 1) count(pane.tally, scannedEvent({ page: `/${number}` }))
    return pane
  })
  const messages = writer.write(panes)
  const events = () => messages.map(({ value }) => parsed(value ?? new Uint8Array()).events)
  assert.deepEqual(events(), [1, 2, 3])
  const memory = new Set(messages.map(({ value }) => value?.buffer))
  assert.equal(memory.size, 3)
  for (const { value } of writer.write(panes)) assert.ok(memory.has(value?.buffer))
})

test('a marker reads back as it was written', () => {
  const { key, value } = markerMessage({ closedUpTo: 7_000, late: 1, invalid: 2 })
  assert.deepEqual(parsePanesKey(key), { kind: 'marker' })
  assert.deepEqual(parseMarker(value), { closedUpTo: 7_000, late: 1, invalid: 2 })
})

test('what this version does not write is refused, never half read', () => {
  const bytes = (text: string) => new TextEncoder().encode(text)
  assert.throws(() => parsePanesKey(null), UnreadablePanes)
  assert.throws(() => parsePanesKey(bytes('pane x')), UnreadablePanes)
  assert.throws(() => parseMarker(null), UnreadablePanes)
  assert.throws(() => parseMarker(bytes('{"v":2,"closedUpTo":0,"late":0,"invalid":0}')), UnreadablePanes)
  assert.throws(() => parsed(bytes('{"v":1}')), UnreadablePanes)
  const pane = Buffer.from(joined(paneMessages(emptyPane(0))))
  assert.doesNotThrow(() => parsed(pane))
  for (const length of [0, 3, 4, 100, pane.length - 1])
    assert.throws(() => parsed(pane.subarray(0, length)), UnreadablePanes)
  assert.throws(() => parsed(Buffer.concat([pane, pane])), UnreadablePanes)
  for (const [right, wrong] of [
    ['"v":3', '"v":4'],
    ['"users":1', '"users":0'],
    ['"counts":[],', '"counts":[7]'],
    ['"others":0', '"others":x'],
  ] as const) {
    const text = pane.toString('latin1')
    assert.ok(text.includes(right))
    assert.throws(() => parsed(Buffer.from(text.replace(right, wrong), 'latin1')), UnreadablePanes)
  }
})

test('a position includes panes that end at or before it, and markers that say no more than it', () => {
  const at = { closedUpTo: 7_000, late: 1, invalid: 2 }
  const pane = (start: number) => includes(at, { key: Buffer.from(`pane ${start} 1/1`), value: null })
  assert.deepEqual([pane(6_000), pane(7_000)], [true, false])
  const marker = (more: object) => includes(at, markerMessage({ ...at, ...more }))
  assert.equal(marker({}), true)
  assert.equal(marker({ closedUpTo: 6_000, late: 0, invalid: 0 }), true)
  for (const more of [{ closedUpTo: 8_000 }, { late: 2 }, { invalid: 3 }]) assert.equal(marker(more), false)
})

test('every field of a partial is looked at', () => {
  const pane = Buffer.from(joined(paneMessages(emptyPane(0))))
  const length = pane.readUInt32BE()
  const text: object = JSON.parse(pane.toString('utf8', 4, 4 + length))
  const partialOf = (changes: object): Buffer => {
    const changed = Buffer.from(JSON.stringify({ ...text, ...changes }))
    const size = Buffer.alloc(4)
    size.writeUInt32BE(changed.length)
    return Buffer.concat([size, changed, pane.subarray(4 + length)])
  }
  assert.doesNotThrow(() => parsed(partialOf({})))
  const noWhole = [undefined, null, -1, 0.5, 2 ** 53, '1', []]
  const noCounts = [
    undefined,
    null,
    7,
    [],
    { counts: [] },
    { counts: 7, others: 0 },
    { counts: {}, others: 0 },
  ]
  const wrong: Record<string, readonly unknown[]> = {
    v: [undefined, 2, 4, '3'],
    duration: [undefined, null, 7, '', '-1', '1e3', '1'.repeat(31)],
  }
  for (const name of ['start', 'events', 'users', 'sessions']) wrong[name] = noWhole
  for (const name of ['eventTypes', 'devices', 'referrers', 'pages'])
    wrong[name] = [...noCounts, ...noWhole.map((others) => ({ counts: [], others }))]
  for (const [name, values] of Object.entries(wrong)) {
    assert.ok(name in text)
    for (const value of values)
      assert.throws(
        () => parsed(partialOf({ [name]: value })),
        UnreadablePanes,
        `${name}: ${JSON.stringify(value)}`,
      )
  }
})
