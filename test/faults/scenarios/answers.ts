import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { Readable } from 'node:stream'
import { answer, type Call, isList, isWatch, isWrite, type Rule, watchOf } from '../proxy.ts'
import { same, type Scenario, underRule } from '../scenario.ts'

/** The first `times` calls of each path and method that `which` picks. */
const first = (times: number, which: (call: Call) => boolean) => {
  const seen = new Map<string, number>()
  return (call: Call): boolean => {
    if (!which(call)) return false
    const id = `${call.method} ${call.path}`
    seen.set(id, (seen.get(id) ?? 0) + 1)
    return (seen.get(id) ?? 0) <= times
  }
}

/** A generator of numbers in [0, 1) that any run repeats (mulberry32). */
const seeded = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
}

export const conflicts: Scenario = {
  fault: '409 to the first writes of each object',
  expected: same,
  run(given) {
    const hit = first(given.long ? 8 : 4, isWrite)
    const rule: Rule = async (call, pass) => (hit(call) ? answer(409, 'Conflict') : pass())
    return underRule(given, { rule, deadline: 30_000, writes: given.long ? 200 : 110 })
  },
}

export const gone: Scenario = {
  fault: '410 to watches, as HTTP status and as an event, for good at the version asked for',
  expected: same,
  run(given) {
    const hit = first(given.long ? 4 : 2, isWatch)
    const expired = new Set<string>()
    let turn = 0
    const event =
      '{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}\n'
    const rule: Rule = async (call, pass) => {
      const id = `${call.path} ${call.query.get('resourceVersion')}`
      if (isWatch(call) && hit(call)) expired.add(id)
      if (!isWatch(call) || !expired.has(id)) return pass()
      return turn++ % 2 === 0 ? answer(410, 'Expired') : watchOf(event)
    }
    return underRule(given, { rule, deadline: given.long ? 60_000 : 30_000 })
  },
}

export const tooMany: Scenario = {
  fault: '429 with Retry-After: 2 to the first requests of each kind',
  expected: `${same}; nobody comes back before the two seconds are over`,
  async run(given) {
    const refused = new Map<string, number>()
    const early: string[] = []
    const hit = first(given.long ? 4 : 2, (call) => isWrite(call) || isList(call) || isWatch(call))
    const rule: Rule = async (call, pass) => {
      const id = `${call.method} ${call.path}${isWatch(call) ? ' watch' : ''}`
      const since = call.at - (refused.get(id) ?? -Infinity)
      if (since < 1_990) early.push(`${id} after ${Math.round(since)} ms`)
      if (!hit(call)) return pass()
      refused.set(id, performance.now())
      return answer(429, 'TooManyRequests', { 'retry-after': '2' })
    }
    const figures = await underRule(given, { rule, deadline: 60_000, writes: given.long ? 110 : 80 })
    assert.deepEqual(early, [])
    return figures
  },
}

export const flaky: Scenario = {
  fault: '500 to every second request, at random',
  expected: same,
  run(given) {
    const random = seeded(7)
    const rule: Rule = async (_call, pass) => (random() < 0.5 ? answer(500, 'InternalError') : pass())
    return underRule(given, { rule, deadline: 120_000, writes: 50 })
  },
}

export const slow: Scenario = {
  fault: '2 s until each answer',
  expected: same,
  run(given) {
    const rule: Rule = async (_call, pass) => {
      await pause(2_000)
      return pass()
    }
    return underRule(given, { rule, deadline: 60_000 })
  },
}

export const lost: Scenario = {
  fault: 'every third write is done, and its answer lost with the connection',
  expected: same,
  run(given) {
    let turn = 0
    const rule: Rule = async (call, pass) => {
      if (!isWrite(call) || turn++ % 3 !== 0) return pass()
      await pass()
      return 'reset'
    }
    return underRule(given, { rule, deadline: 90_000 })
  },
}

export const truncated: Scenario = {
  fault: 'watches end in the middle of a line',
  expected: same,
  run(given) {
    const hit = first(given.long ? 6 : 3, isWatch)
    const rule: Rule = async (call, pass) => {
      const given = await pass()
      return hit(call) ? { ...given, body: Readable.from(cut(given.body, 700)) } : given
    }
    return underRule(given, { rule, deadline: given.long ? 120_000 : 45_000 })
  },
}

/** So many bytes of it. */
async function* cut(text: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes
  for await (const piece of text) {
    yield piece.subarray(0, left)
    left -= piece.length
    if (left <= 0) return
  }
}
