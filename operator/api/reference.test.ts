import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { conditionMeanings, conditionTypes, eventReasons, reasons } from './status.ts'

const page = readFileSync(new URL('../../docs/conditions.md', import.meta.url), 'utf8')

test('the page on conditions has every condition, every reason and every event with its text, and no other', () => {
  const sections = [...page.matchAll(/^### (\w+)\n\n(.*)\n/gm)].map(([, name, text]) => [name, text])
  assert.deepEqual(sections, [...Object.entries(reasons), ...Object.entries(eventReasons)])
  const rows = [...page.matchAll(/^\| ([A-Z]\w+) \| (.*) \|$/gm)].map(([, name, text]) => [name, text])
  assert.deepEqual(rows, Object.entries(conditionMeanings))
  assert.deepEqual([...conditionTypes], Object.keys(conditionMeanings))
})
