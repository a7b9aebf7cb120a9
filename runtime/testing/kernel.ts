import { eventTypes } from '../event.ts'
import { Kernel, type Rows } from '../kernel/kernel.ts'
import * as at from '../kernel/layout.ts'
import type { RecordBatch } from '../roles/log.ts'
import { templateOf } from '../scan/template.ts'

export const encode = (value: unknown, space?: number): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(value, undefined, space))

/** A kernel that knows how these events are written. */
export const taught = (...values: Uint8Array[]): Kernel => {
  const kernel = new Kernel(eventTypes)
  kernel.teach(
    values
      .map((value) => templateOf(Buffer.from(value).toString()))
      .filter((template) => template !== undefined),
  )
  return kernel
}

/** What a row says, in the words of a scan; undefined when it says nothing. */
const told = ({ words, times, names }: Rows, row: number) => {
  const time = times[(row * at.rowWords) / 2] ?? NaN
  const word = (number: number): number => words[row * at.rowWords + number] ?? NaN
  if (Number.isNaN(time)) return undefined
  return {
    ok: true,
    time,
    eventType: names.text(word(at.rowType)),
    user: { high: word(at.rowUser), low: word(at.rowUser + 1) },
    session: { high: word(at.rowSession), low: word(at.rowSession + 1) },
    page: names.text(word(at.rowPage)),
    referrer: names.text(word(at.rowReferrer)),
    device: names.text(word(at.rowDevice)),
    duration: word(at.rowDuration),
  }
}

/** What the kernel says of each record of a batch; `rest` of those that it could not take apart. */
export const said = (kernel: Kernel, batch: RecordBatch) => {
  const events: (ReturnType<typeof told> | 'rest')[] = []
  kernel.read(batch, {
    visit: (rows) => events.push(...Array.from({ length: rows.count }, (_, row) => told(rows, row))),
    rest: () => events.push('rest'),
  })
  return events
}
