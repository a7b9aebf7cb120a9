import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Script } from 'node:vm'
import { page, pageScript, pageStyle } from './page.ts'

test('the script of the page is JavaScript, and finds each element that it names', () => {
  assert.ok(new Script(pageScript))
  const named = Array.from(
    pageScript.matchAll(/(?:byId|setText|rankRows|getElementById)\('([\w-]+)'/g),
    ([, id]) => id,
  )
  assert.ok(named.length > 20)
  for (const id of named) assert.ok(page.includes(`id="${id}"`), `no element has the id ${id}`)
})

test('script and style stand in the page as their digests are taken, and nothing is loaded from elsewhere', () => {
  assert.ok(page.includes(`<script>${pageScript}</script>`))
  assert.ok(page.includes(`<style>${pageStyle}</style>`))
  assert.doesNotMatch(page, /<(script|img|iframe|object)[^>]* src=|@import|url\(| on\w+=| style=/)
})
