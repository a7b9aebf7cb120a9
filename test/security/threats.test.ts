import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..', '..')
const table = readFileSync(join(root, 'SECURITY.md'), 'utf8').split('## Threats')[1] ?? ''
const rows = table.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| who '))

/** Whether a file has a test of this title; what a title fills in at run time may be any text. */
const hasTest = (file: string, wanted: string): boolean =>
  Array.from(readFileSync(join(root, file), 'utf8').matchAll(/\btest\((['"`])(.+?)\1,/g)).some(
    ([, , title = '']) => {
      const parts = title.split(/\$\{[^}]+\}/)
      if (parts.length === 1) return title === wanted
      return wanted.startsWith(parts[0] ?? '') && wanted.endsWith(parts.at(-1) ?? '')
    },
  )

test('each threat of SECURITY.md names a test that exists', () => {
  assert.ok(rows.length >= 15)
  for (const row of rows) {
    const [, file = '', title = ''] = /\| `([^`]+)`: (.+) \|$/.exec(row) ?? []
    assert.ok(existsSync(join(root, file)), `no test is named in: ${row}`)
    assert.ok(hasTest(file, title), `${file} has no test "${title}"`)
  }
})

test('each test of security belongs to a threat', () => {
  const files = readdirSync(import.meta.dirname).filter(
    (name) => name.endsWith('.test.ts') && name !== 'threats.test.ts',
  )
  for (const file of files) assert.ok(table.includes(`test/security/${file}`), file)
})
