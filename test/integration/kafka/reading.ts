import { until } from '../../../dev/until.ts'
import type { Log, LogRecord, Message } from '../../../runtime/roles/log.ts'

export const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text))
export const text = (value: string): Message => ({ key: null, value: bytes(value) })
const decoded = (field: Uint8Array | null) => field && Buffer.from(field).toString()

/** The value of a record, as text. */
export const mark = ({ value }: LogRecord): string => decoded(value) ?? ''

export interface ReadRecord {
  partition: number
  offset: number
  timestamp: number
  key: string | null
  value: string | null
}

/** All committed records of a topic up to its end at this moment; `from` has offsets by partition, else the first. */
export async function readAll(
  log: Log,
  topic: string,
  from: Record<number, number> = {},
): Promise<ReadRecord[]> {
  const reader = log.reader(topic)
  const open = new Set(Array.from({ length: await log.partitions(topic) }, (_, partition) => partition))
  for (const partition of open) reader.seek(partition, from[partition] ?? 0)
  const records: ReadRecord[] = []
  await until(`the end of ${topic}`, async () => {
    for (const answer of await reader.poll()) {
      if ('fault' in answer) throw answer.fault
      const { partition } = answer
      answer.each(({ offset, timestamp, key, value }) =>
        records.push({ partition, offset, timestamp, key: decoded(key), value: decoded(value) }),
      )
      if (answer.next >= answer.end) open.delete(partition)
    }
    return open.size === 0
  })
  await reader.close()
  return records
}

export async function valuesOf(
  log: Log,
  topic: string,
  from: Record<number, number> = {},
): Promise<string[]> {
  return (await readAll(log, topic, from)).map(({ value }) => value ?? '')
}
