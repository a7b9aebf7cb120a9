import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { invalidFacts } from '../../operator/decide/conditions.ts'
import { fact } from '../../operator/decide/fact.ts'
import { pipeline, saidOf, settled } from '../../operator/testing/pipelines.ts'
import { page, pageScript } from '../../runtime/board/page/page.ts'
import { aWindow } from '../../runtime/board/testing/window.ts'
import { windowText } from '../../runtime/board/text.ts'
import { openLog } from '../../runtime/logging.ts'
import { metrics } from '../../runtime/metrics.ts'
import { scan } from '../../runtime/scan/exact.ts'
import { reasons } from '../../runtime/scan/reasons.ts'
import { spanOf } from '../../runtime/span.ts'
import { Letters } from '../../runtime/stream/dead-letter.ts'
import { clickEvent } from '../inputs/event.ts'

/** Texts of strangers: users, pages, referrers, topic names, what brokers say. */
const nasty = [
  '\u001b[2J\u001b[31m',
  '\u001b]0;title\u0007',
  '\u009b2J',
  '\r\nlevel=error',
  '\u2028\u2029',
  '\u202egnp.exe',
  '\u2066\u2069\u200f\ufeff',
  '\u0000\u007f',
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  'a"} 1\nclickstream_forged{b="',
  '\\',
  '\ud800',
]
const text = fc
  .array(fc.oneof(fc.constantFrom(...nasty), fc.string({ unit: 'binary', maxLength: 12 })), { maxLength: 6 })
  .map((parts) => parts.join(''))

/** Control, format, private and unpaired characters, line and paragraph separators. */
const unfit = /[\p{C}\p{Zl}\p{Zp}]/u
const runs = { numRuns: 2_000 }

test('a log line is one line of harmless characters, and says all the same what it was told', () => {
  let line = ''
  const logger = openLog({ level: 'info', base: {} }, (written) => (line += written))
  fc.assert(
    fc.property(text, text, (problem, topic) => {
      line = ''
      logger.warn({ problem, topic, err: new Error(problem), nested: { [topic]: problem } }, 'constant')
      assert.ok(line.endsWith('\n'))
      assert.doesNotMatch(line.slice(0, -1), unfit)
      const told = JSON.parse(line)
      assert.deepEqual([told.problem, told.topic, told.err.message], [problem, topic, problem])
    }),
    runs,
  )
})

test('what a status, an event or a log says of a pipeline is one harmless line, whatever other controllers say', () => {
  const of = pipeline()
  fc.assert(
    fc.property(text, text, (reason, message) => {
      const observed = settled(of)
      const refusal = { type: 'Ready', status: 'False', reason, message }
      observed.topics.panes!.status = { observedGeneration: 1, conditions: [refusal] }
      const failure = { type: 'ReplicaFailure', status: 'True', message }
      observed.deployments.producer!.status = { conditions: [failure] }
      const flowing = fact('False', 'Halted', message)
      for (const facts of [saidOf(of, observed, { flowing }), invalidFacts([reason, message])])
        for (const { message } of Object.values(facts)) assert.doesNotMatch(message, unfit)
    }),
    { numRuns: 300 },
  )
})

test('in the text dashboard every character is harmless and no line is longer than a terminal', () => {
  fc.assert(
    fc.property(text, text, text, (pipeline, name, device) => {
      const result = {
        pipeline,
        top_pages: { [name]: 3, [`/${device}`]: 1 },
        top_referrers: { [name]: 1 },
        devices: { [device]: 4 },
      }
      const shown = windowText({ ...aWindow(0, result), repeated: false })
      assert.doesNotMatch(shown.replaceAll('\n', ''), unfit)
      assert.equal(shown.split('\n').length, shownLines(Object.keys(result.top_pages).length))
      for (const line of shown.split('\n'))
        assert.ok(Array.from(line.replaceAll(/\p{M}/gu, '')).length <= 80, line)
    }),
    runs,
  )
})

/** Lines of a dashboard with one referrer, one device and five types: no text adds one. */
const shownLines = (pages: number): number => 26 + pages

test('the page shows texts as texts: its HTML has no data, its script writes no HTML', () => {
  assert.doesNotMatch(
    pageScript,
    /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|setAttribute\('(on|href|src)/,
  )
  assert.doesNotMatch(page, /\$\{/)
})

test('metrics cannot be forged: a pipeline or a reason stays within its label', async () => {
  await fc.assert(
    fc.asyncProperty(text, async (name) => {
      const shown = await metrics(name).text({ windows_seen_total: 1, dead_letters_total: { [name]: 1 } })
      const lines = shown.split('\n').filter((line) => line.startsWith('clickstream_'))
      assert.equal(lines.length, 3)
      for (const line of lines) assert.match(line, /^clickstream_[a-z_]+\{(\w+="([^"\\\n]|\\.)*",?)+\} 1$/su)
    }),
    { numRuns: 200 },
  )
})

test('a dead letter says why in our own words: its reason is one of the table, nothing in it is quoted', () => {
  const field = fc.constantFrom(
    'user_id',
    'page_url',
    'event_type',
    'timestamp',
    'duration_ms',
    'device_type',
  )
  fc.assert(
    fc.property(field, text, text, (name, value, key) => {
      const bytes = new TextEncoder().encode(JSON.stringify({ ...clickEvent(), [name]: value, [key]: value }))
      const scanned = scan(spanOf(bytes))
      if (scanned.ok) return
      const record = { offset: 0, key: null, value: bytes, timestamp: 0 }
      const letters = new Letters({ topic: 'shop-events', partition: 0 })
      letters.add(record, scanned)
      const letter = letters.at(0)
      const headers = { ...letter?.headers }
      assert.ok(headers['reason'] !== undefined && headers['reason'] in reasons)
      for (const header of Object.values(headers)) assert.doesNotMatch(header, unfit)
      assert.match(headers['detail'] ?? '', /^[ -~]+$/)
    }),
    runs,
  )
})
