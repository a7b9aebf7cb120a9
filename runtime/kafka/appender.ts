import { RecordWriter } from '../record-writer.ts'
import { type Append, LogFault, type Place } from '../roles/log.ts'
import { type Batch, encodeBatches, stamp } from './batch-encode.ts'
import { persist } from './patience.ts'
import { initProducerId, produce, type ProducerIdentity } from './producer-requests.ts'
import type { Transport } from './transport.ts'

/** Writes to one partition, one batch after the other. */
interface Row {
  /** The producer of this row and the next sequence; none before the first batch and after a failure. */
  producer: (ProducerIdentity & { sequence: number }) | undefined
  /** One batch at a time is on its way. */
  memory: RecordWriter
  /** Settles when the append before is done. */
  last: Promise<unknown>
}

/**
 * Appends without transactions. Each partition has a producer id of its own, and one batch at a time: a batch whose
 * answer got lost is sent again with the same sequence, and the broker drops the one it has; brokers that are away are
 * waited for until the log is closed. After any other fault nobody knows whether the batch was written, and the row
 * starts anew with another producer id.
 */
export function appender(transport: Transport): (append: Append) => Promise<number> {
  const rows = new Map<string, Row>()
  return (append) => {
    const key = `${append.topic}/${append.partition}`
    const row = rows.get(key) ?? { producer: undefined, memory: new RecordWriter(), last: Promise.resolve() }
    rows.set(key, row)
    const now = Date.now()
    const done = row.last.then(() => write(transport, row, { append, now }))
    row.last = done.catch(() => undefined)
    return done
  }
}

/** Waiting, or the partition's new leader, heals these with the batch as it is. */
const heals = ({ reason }: LogFault) => reason === 'Unreachable' || reason === 'NotLeader'

async function write(
  transport: Transport,
  row: Row,
  { append, now }: { append: Append; now: number },
): Promise<number> {
  let first: number | undefined
  for (const batch of encodeBatches(append.messages, now, row.memory)) {
    const offset = await writeBatch(transport, row, { place: append, batch })
    first ??= offset
  }
  if (first === undefined)
    throw new LogFault(`nothing to write to ${append.topic}/${append.partition}`, {
      reason: 'Refused',
      retry: false,
    })
  return first
}

async function writeBatch(
  transport: Transport,
  row: Row,
  { place, batch }: { place: Place; batch: Batch },
): Promise<number> {
  const patience = { signal: transport.signal, heals }
  const producer = (row.producer ??= {
    ...(await persist(() => transport.ask(initProducerId(null, -1)), patience)),
    sequence: 0,
  })
  const bytes = stamp(batch, { ...producer, transactional: false })
  try {
    const offset = await persist(() => deliver(transport, place, bytes), patience)
    producer.sequence = (producer.sequence + batch.count) % 2 ** 31
    return offset
  } catch (error) {
    row.producer = undefined
    throw error
  }
}

async function deliver(transport: Transport, place: Place, bytes: Buffer): Promise<number> {
  try {
    return await transport.send(await transport.leader(place), produce(place, bytes))
  } catch (error) {
    transport.forget(place.topic)
    throw error
  }
}
