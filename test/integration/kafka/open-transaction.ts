import assert from 'node:assert/strict'
import { encodeBatches, stamp } from '../../../runtime/kafka/batch-encode.ts'
import type { Request } from '../../../runtime/kafka/line.ts'
import { persist } from '../../../runtime/kafka/patience.ts'
import {
  addPartitions,
  type Holder,
  initProducerId,
  produce,
} from '../../../runtime/kafka/producer-requests.ts'
import type { Transport } from '../../../runtime/kafka/transport.ts'
import { text } from './reading.ts'

interface Wanted {
  transactionalId: string
  topic: string
  /** Without it the coordinator never learns of the records, which a broker only takes if it does not ask it. */
  told?: boolean
}

/** A writer that begins a transaction in partition 0 of a topic and can write to it, but never ends it. */
export async function openTransaction(
  transport: Transport,
  { transactionalId, topic, told = true }: Wanted,
): Promise<(value: string) => Promise<void>> {
  const coordinate = <T>(request: Request<T>) =>
    persist(() => transport.coordinate('transaction', transactionalId, request), {
      signal: transport.signal,
      deadline: 10_000,
    })
  const identity = await coordinate(initProducerId(transactionalId, 60_000))
  const holder: Holder = { transactionalId, ...identity }
  const place = { topic, partition: 0 }
  if (told) await coordinate(addPartitions(holder, [place]))
  let sequence = 0
  return async (value) => {
    const [batch] = encodeBatches([text(value)], Date.now())
    assert.ok(batch)
    const bytes = stamp(batch, { ...holder, sequence: sequence++, transactional: true })
    await transport.send(await transport.leader(place), produce(place, bytes, transactionalId))
  }
}
