import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { clickEvent } from '../../test/inputs/event.ts'
import { malformed, unusual } from '../../test/inputs/malformed.ts'
import { spelled } from '../../test/inputs/spelling.ts'
import type { Span } from '../span.ts'
import { scan as exact } from './exact.ts'
import { Refusal } from './refusal.ts'

/** Set it to look longer: `SCANS=1000000 node --test runtime/scan/refusal.test.ts`. */
const runs = Number(process.env['SCANS'] ?? 300)

const refusal = new Refusal()
const nothing = { fields: new Uint8Array(0), values: 0, at: Infinity }
const text = JSON.stringify(clickEvent())

/** The value as it lies in a fetch: other bytes before it and after it. */
const amid = (value: Uint8Array, after: string): Span => {
  const bytes = Buffer.concat([Buffer.from('  {"'), value, Buffer.from(after)])
  return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), from: 4, length: value.length }
}

/** Whether it says something of the value: what the exact scan says, wherever the value lies. */
const answers = (value: string | Uint8Array): boolean => {
  const bytes = Buffer.from(value)
  const said = ['', '"}', '5}', ' '.repeat(40)].map((after) => {
    const span = amid(bytes, after)
    const rejected = refusal.of(span, nothing)
    if (rejected !== undefined) assert.deepEqual(rejected, exact(span), bytes.toString())
    return rejected !== undefined
  })
  return said.every(Boolean)
}

/** An event with one member more, with a flaw in the last field that is looked at and without. */
const withMember = (member: string): void => {
  answers(`${text.slice(0, -1)},${member},"duration_ms":-1}`)
  answers(`${text.slice(0, -1)},${member}}`)
}

test('nearly all kinds of malformed values are refused without the exact scan', () => {
  const unsure = malformed.filter(({ value }) => value !== null && !answers(value))
  assert.deepEqual(
    unsure.map(({ name }) => name),
    [
      'ten thousand lists in each other',
      'ten thousand objects in each other',
      'a hundred thousand opening brackets',
      'the year 3000',
    ],
  )
})

test('a text of another script that is cut anywhere ends where the value ends', () => {
  const bytes = Buffer.from(text.replace('/home', '/日本'))
  for (let length = bytes.indexOf('日') - 1; length < bytes.indexOf('本') + 4; length += 1) {
    const cut = bytes.subarray(0, length)
    for (const after of ['', '日本', '語"}'])
      assert.deepEqual(refusal.of(amid(cut, after), nothing), exact(amid(cut, '')), `${length}, ${after}`)
  }
})

describe('it says nothing of an event', () => {
  for (const { name, value } of unusual('2026-01-31T23:59:59Z'))
    test(name, () => {
      assert.equal(answers(value), false)
    })
})

describe('where it says something the exact scan says the same', () => {
  test('of many a byte in every place', () => {
    const many = Buffer.from('"\\{}[]:, \t\n\v\0\u001f\u007f019-+.eEuaATZtfn\u{ff}\u{10ffff}')
    for (let at = 0; at < text.length; at += 1)
      for (const byte of many) {
        const bytes = Buffer.from(text)
        bytes[at] = byte
        answers(bytes)
      }
  })

  test('of an event with any bytes doubled, left out, or cut off', () => {
    for (let at = 0; at < text.length; at += 1)
      for (const length of [1, 2, 7]) {
        answers(text.slice(0, at) + text.slice(at + length))
        answers(text.slice(0, at + length) + text.slice(at))
        answers(text.slice(0, at))
      }
  })

  test('of two bytes changed', () => {
    const place = fc.nat({ max: text.length - 1 })
    const byte = fc.oneof(
      fc.constantFrom(...Buffer.from('"\\{}[]:, \nu0-.eE\u00c3\u00bc')),
      fc.nat({ max: 255 }),
    )
    const change = fc.tuple(place, byte)
    fc.assert(
      fc.property(change, change, (one, other) => {
        const bytes = Buffer.from(text)
        for (const [at, byte] of [one, other]) bytes[at] = byte
        answers(bytes)
      }),
      { numRuns: runs },
    )
  })

  test('of every spelling', () => {
    let said = 0
    let refused = 0
    fc.assert(
      fc.property(spelled, (value) => {
        if (!exact(amid(value, '')).ok) refused += 1
        if (answers(value)) said += 1
      }),
      { numRuns: runs },
    )
    assert.ok(said > refused * 0.7, `only ${said} of ${refused} were refused without the exact scan`)
  })

  test('of any JSON in the place of a field, and any number', () => {
    const key = fc.constantFrom(...Object.keys(clickEvent()))
    fc.assert(
      fc.property(key, fc.json(), fc.double(), (name, json, number) => {
        answers(text.replace(new RegExp(`"${name}":("[^"]*"|\\d+)`), () => `"${name}":${json}`))
        answers(text.replace(':120', `:${number}`))
        answers(json)
      }),
      { numRuns: runs },
    )
  })

  test('of words, numbers, escapes and spaces that JSON has and has not', () => {
    const words = 'true false null tru ttrue tfalse truee nul True undefined'.split(' ')
    const numbers =
      '0 -0 - -a 01 -01 1. .1 1.5 1e 1e+ 1e+5 1E-5 1e5.5 +1 0x1 -0.0 -1e-400 1e-400 1e400'.split(' ')
    const durations = `604800000 604800000.0 604800001 6048000e2 6.048e8 0.${'1'.repeat(99)}`.split(' ')
    const escapes = String.raw`"\/" "\b\f\n\r\t" "\x" "\u00e9" "\u00E9" "\u00g9" "\u12 "\ " "" "\u12"`.split(
      ' ',
    )
    const points =
      String.raw`"\ud83d\ude00" "\ud83d" "\u0000" "\u007f" "\u0080" "\u07ff" "\u0800" "\udc00" "\udfff"`.split(
        ' ',
      )
    const nested = '[ ] [] [,] [1,] [1:2] {} {,} {"a"} {"a":} {"a":1,} {a:1} {1:1} [[[{"a":[{}]}]]]'.split(
      ' ',
    )
    const spaces = ['\t1', '\v1', '\f1', '\u00a01', '\ufeff1', '1 \r\n', '1\u0000', '1 2', '']
    for (const json of [...words, ...numbers, ...durations, ...escapes, ...points, ...nested, ...spaces]) {
      answers(json)
      answers(`[${json}]`)
      answers(`{"a":${json}}`)
      for (const name of [...Object.keys(clickEvent()), 'other']) withMember(`"${name}":${json}`)
    }
  })

  test('of halves of surrogate pairs, alone, in pairs, in the wrong order, and after each other', () => {
    const halves = [String.raw`\ud83d`, String.raw`\ude00`, 'xxxxxx', '']
    const texts = halves.flatMap((first) => halves.map((second) => `"country":"${first}${second}"`))
    for (const one of texts)
      for (const next of texts) {
        withMember(one)
        withMember(next)
      }
  })

  test('of texts at their bounds, escaped or not', () => {
    const letters = [
      ['x', '\\n', '\\u0041', '\\u007f'],
      ['ü', '\\u0080', '\\u07ff'],
      ['€', '\\u0800', '\\uffff'],
      ['\u{1f600}', '\\ud83d\\ude00'],
    ]
    const counts = [256, 1_024, 4_096].flatMap((most) => [1, 2, 3, 4].map((size) => Math.floor(most / size)))
    for (const letter of letters.flat())
      for (const count of counts)
        for (const name of ['event_id', 'page_url', 'country']) {
          withMember(`"${name}":"${letter.repeat(count)}"`)
          withMember(`"${name}":"${letter.repeat(count + 1)}"`)
        }
  })

  test('of keys that are escaped', () => {
    answers(text.replace('"country"', String.raw`"countr\u0079"`))
    answers(text.replace('{', String.raw`{"countr\u0079":1,`))
    answers(text.replace(/}$/, String.raw`,"countr\u0079":1}`))
  })

  test('of any instant', () => {
    const instants = [
      '2026-01-31T23:59:59Z',
      '2026-01-31T23:59:59.123456789+00:00',
      '1969-12-31T23:59:59.999Z',
      '0000-01-01T00:00:00Z',
      '0099-01-01T00:00:00Z',
      '1769903999000',
      '2026-01-31',
    ]
    const stamped = (instant: string): void => withMember(`"timestamp":"${instant}"`)
    for (const instant of instants)
      for (let at = 0; at <= instant.length; at += 1)
        for (const change of ['', '0', '1', '9', '.', ':', '-', 'Z', '+', ' ', 'ü', '\\u0030']) {
          stamped(instant.slice(0, at) + change + instant.slice(at))
          stamped(instant.slice(0, at) + change + instant.slice(at + 1))
        }
  })
})
