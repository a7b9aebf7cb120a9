import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fitted, sanitised } from './line.ts'

test('control characters, escape sequences and line separators become one sign each', () => {
  assert.equal(sanitised('a\u001b[31;1mred\u001b[0m'), 'a�red�')
  assert.equal(sanitised('/a\r\n/b\u2028/c'), '/a��/b�/c')
  assert.equal(sanitised('\u001b]0;title\u0007'), '�]0;title�')
  assert.equal(sanitised('\u009b2J'), '�2J')
  assert.equal(sanitised('right\u202eto left, zero\u200bwidth'), 'right�to left, zero�width')
  assert.equal(sanitised('/größe?q=дом 家'), '/größe?q=дом 家')
})

test('text is cut with an ellipsis or filled to its width', () => {
  assert.equal(fitted('/home', 8), '/home   ')
  assert.equal(fitted('/products', 9), '/products')
  assert.equal(fitted('/products/laptop', 9), '/product…')
})

test('wide characters take two columns and combining ones none', () => {
  assert.equal(fitted('家具屋', 8), '家具屋  ')
  assert.equal(fitted('家具屋', 5), '家具…')
  assert.equal(fitted('家具屋', 4), '家… ')
  assert.equal(fitted('e\u0301t\u0301e', 4), 'e\u0301t\u0301e ')
})
