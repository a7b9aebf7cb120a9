import assert from 'node:assert/strict'
import { test } from 'node:test'
import { began, copyOf, exactHistory, faults } from './exact-history.ts'
import { placeOf } from './finding.ts'
import { deadLetters } from './letters.ts'

const shared = exactHistory(100_000)
const history = () => copyOf(shared)

test('dead letters must be one for each event that is refused, with a cause', () => {
  const given = history()
  const [letter] = given.letters
  assert.ok(letter)
  given.letters.push(letter)
  assert.ok(faults(given).includes('dead letter doubled'))
  given.letters.splice(-1, 1)
  const invalid = given.letters.findIndex(({ reason }) => reason === 'NotJson')
  const [taken] = given.letters.splice(invalid, 1)
  assert.ok(taken && faults(given).includes('invalid event without dead letter'))
  for (const reason of ['Late', 'NotUtf8']) {
    given.letters.push({ ...taken, reason })
    assert.ok(faults(given).includes('dead letter without cause'))
    given.letters.pop()
  }
})

test('a dead letter whose offset or partition is that of another event is caught', () => {
  for (const [reason, fault] of [
    ['NotJson', 'invalid event without dead letter'],
    ['Late', 'wrong total'],
  ] as const)
    for (const wrong of [{ offset: 1 }, { partition: 1 }]) {
      const given = history()
      const index = given.letters.findIndex((each) => each.reason === reason && each.offset > 6_000)
      const letter = given.letters[index]
      assert.ok(letter)
      given.letters[index] = {
        ...letter,
        offset: letter.offset + (wrong.offset ?? 0),
        partition: letter.partition ^ (wrong.partition ?? 0),
      }
      const found = faults(given)
      assert.ok(found.includes('dead letter without cause') && found.includes(fault), found.join())
    }
})

test('two late events whose dead letters have each other’s place are caught', () => {
  const given = history()
  const [one, other] = given.letters.filter(({ reason }) => reason === 'Late')
  assert.ok(one && other)
  given.letters = given.letters.map((letter) => {
    if (letter === one) return { ...one, id: other.id }
    return letter === other ? { ...other, id: one.id } : letter
  })
  assert.deepEqual(faults(given), ['dead letter without cause'])
})

/** An event of partition 2, as if it had been refused as late; `came` is when the log took it. */
const refused = (came: (time: number) => number): string[] => {
  const given = history()
  const event = given.events.find(({ id }) => id === 'e50002')
  const result = given.results[50]
  assert.ok(event?.time !== undefined && result)
  const { id, time } = event
  given.letters.push({ ...event, reason: 'Late' })
  result.late += 1
  result.total -= 1
  result.typed -= 1
  given.entries = given.entries.map((entry) =>
    entry.id === id ? { ...entry, acknowledgedAt: came(time) } : entry,
  )
  return faults(given)
}

test('an event in its time that is refused as late is caught, though all adds up', () => {
  assert.deepEqual(
    refused((time) => time),
    ['dead letter without cause'],
  )
})

test('an event that came when its partition may have been idle may be refused as late', () => {
  // Its second ends 998 ms after it; grace is 1 s, the idle timeout 4 s.
  assert.deepEqual(
    refused((time) => time + 5_997),
    ['dead letter without cause'],
  )
  assert.deepEqual(
    refused((time) => time + 5_998),
    [],
  )
})

/** Whether an event at the start of a second in partition 2 may be late after one that is so many milliseconds newer. */
const mayBeLateAfter = (ahead: number, partition = 2): boolean => {
  const late = { partition: 2, offset: 8, id: 'late', time: began }
  const events = [{ partition, offset: 7, id: 'newer', time: began + ahead }, late]
  const entries = events.map((event) => ({ ...event, user: 1, acknowledgedAt: began }))
  const letter = { ...late, reason: 'Late' }
  const history = { ...shared, events, entries, letters: [letter] }
  return deadLetters(history, new Map([[placeOf(late), letter]])).length === 0
}

test('an event may be refused as late after one of its partition that is newer than its second by the grace', () => {
  assert.equal(mayBeLateAfter(2_000), true)
  assert.equal(mayBeLateAfter(1_999), false)
  assert.equal(mayBeLateAfter(9_000, 1), false)
})

test('late events that no result tells are caught', () => {
  const given = history()
  const result = given.results.find(({ late }) => late > 0)
  assert.ok(result)
  result.late -= 1
  assert.deepEqual(faults(given), ['not conserved'])
})
