import { eventTypes } from '../event.ts'
import { Kernel, type Rows } from '../kernel/kernel.ts'
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
const told = ({ columns, names }: Rows, row: number) => {
  const time = columns.times[row] ?? NaN
  const name = (column: Int32Array): string => names.text(column[row] ?? NaN)
  const hash = (pairs: Int32Array) => ({ high: pairs[2 * row] ?? NaN, low: pairs[2 * row + 1] ?? NaN })
  if (Number.isNaN(time)) return undefined
  return {
    ok: true,
    time,
    eventType: name(columns.eventTypes),
    user: hash(columns.users),
    session: hash(columns.sessions),
    page: name(columns.pages),
    referrer: name(columns.referrers),
    device: name(columns.devices),
    duration: columns.durations[row],
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
