import type { HiddenRecord, Place } from '../roles/log.ts'
import { decodeBatches, marksCommit } from './batch-decode.ts'
import { listOffset } from './cluster-requests.ts'
import { check, protocolFault } from './faults.ts'
import { fetch, type FetchedPartition, type Isolation } from './fetch.ts'
import type { Request } from './line.ts'
import type { Transport } from './transport.ts'

/** What transactions have left at the end of a partition. */

/** Whether the last record of a partition is the mark of a transaction that was committed. */
export const lastIsCommitted = (transport: Transport, place: Place): Promise<boolean> =>
  asking(transport, place, async (ask) => {
    const [start, end] = await Promise.all([ask(listOffset(place, 'start')), ask(listOffset(place, 'end'))])
    if (start === end) return false
    const { highWatermark, records } = await read(ask, place, { offset: end - 1, isolation: 'committed' })
    return highWatermark === end && marksCommit(records)
  })

/** The first record that nobody is shown since its transaction has not ended here; undefined when there is none. */
export const firstHidden = (transport: Transport, place: Place): Promise<HiddenRecord | undefined> =>
  asking(transport, place, async (ask) => {
    const [end, high] = await Promise.all([ask(listOffset(place, 'end')), ask(listOffset(place, 'high'))])
    if (end === high) return undefined
    const { records } = await read(ask, place, { offset: end, isolation: 'uncommitted' })
    const [batch] = decodeBatches(records, end).batches
    if (batch === undefined) return undefined
    batch.check()
    const { key, value } = batch.record(batch.from)
    return { key: key && Buffer.from(key), value: value && Buffer.from(value) }
  })

type Ask = <T>(request: Request<T>) => Promise<T>

/** Asks the leader, which is looked up anew after an error. */
const asking = async <T>(transport: Transport, place: Place, work: (ask: Ask) => Promise<T>): Promise<T> => {
  try {
    const leader = await transport.leader(place)
    return await work((request) => transport.send(leader, request))
  } catch (error) {
    transport.forget(place.topic)
    throw error
  }
}

const read = async (
  ask: Ask,
  { topic, partition }: Place,
  { offset, isolation }: { offset: number; isolation: Isolation },
): Promise<FetchedPartition> => {
  const [found] = await ask(fetch(topic, [{ partition, offset }], isolation))
  const where = `reading ${topic}/${partition} at ${offset}`
  if (found === undefined) throw protocolFault(3, where)
  check(found.code, where)
  return found
}
