import type { Log, Reader } from './log.ts'

/** Whether a topic's partition holds, or has ever held, a committed record. */
export const everHeld = async (log: Log, topic: string, partition: number): Promise<boolean> => {
  const { start, end } = await log.bounds(topic, partition)
  if (start > 0 || end === 0) return start > 0
  const reader = log.reader(topic)
  try {
    reader.seek(partition, start)
    return await showsAny(reader, end)
  } finally {
    await reader.close()
  }
}

/** Whether a reader of one partition finds a record before the offset `end`. */
const showsAny = async (reader: Reader, end: number): Promise<boolean> => {
  for (;;) {
    const [answer] = await reader.poll()
    if (answer === undefined) continue
    if ('fault' in answer) throw answer.fault
    let shown = 0
    answer.each(() => (shown += 1))
    if (shown > 0 || answer.next >= end) return shown > 0
  }
}
