import { eventText } from '../runtime/traffic/encode.ts'
import { randomFrom } from '../runtime/traffic/random.ts'
import { traffic } from '../runtime/traffic/traffic.ts'

/** Events as they lie in one fetch, one after the other. */
export interface Corpus {
  count: number
  bytes: Uint8Array
  /** Where each event begins, and where the last one ends. */
  starts: Uint32Array
  /** Event time of the first one in milliseconds, and how many there are in each second. */
  start: number
  rate: number
}

/** Of a hundred events, how many come late, and by how many milliseconds at most. */
const outOfOrder = 2
const latest = 3_000

/** The same events every time: the traffic of 10,000 visitors, some of it out of order. */
export const corpus = (count: number, rate = 5_000): Corpus => {
  const start = Date.UTC(2026, 0, 31, 12)
  const random = randomFrom('corpus')
  const source = traffic({ seed: 'corpus', users: 10_000, rate })
  const texts = Array.from({ length: count }, (_, index) =>
    eventText(source.next(start + Math.floor((index * 1_000) / rate))),
  )
  for (let index = 0; index < count; index += 1) {
    if (random.fraction() * 100 >= outOfOrder) continue
    const other = Math.min(count - 1, index + Math.floor((random.fraction() * latest * rate) / 1_000))
    ;[texts[index], texts[other]] = [texts[other] ?? '', texts[index] ?? '']
  }
  const starts = new Uint32Array(count + 1)
  for (const [index, text] of texts.entries()) starts[index + 1] = (starts[index] ?? 0) + text.length
  return { count, bytes: Buffer.from(texts.join(''), 'latin1'), starts, start, rate }
}
