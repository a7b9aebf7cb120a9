import type { Place } from '../roles/log.ts'
import { marksCommit } from './batch-decode.ts'
import { listOffset } from './cluster-requests.ts'
import { check } from './faults.ts'
import { fetch } from './fetch.ts'
import type { Transport } from './transport.ts'

/** Whether the last record of a partition is the mark of a transaction that was committed. */
export async function lastIsCommitted(transport: Transport, place: Place): Promise<boolean> {
  const { topic, partition } = place
  try {
    const leader = await transport.leader(place)
    const [start, end] = await Promise.all([
      transport.send(leader, listOffset(place, 'start')),
      transport.send(leader, listOffset(place, 'end')),
    ])
    if (start === end) return false
    const [last] = await transport.send(leader, fetch(topic, [{ partition, offset: end - 1 }]))
    check(last?.code ?? 3, `reading the last record of ${topic}/${partition}`)
    return last !== undefined && last.highWatermark === end && marksCommit(last.records)
  } catch (error) {
    transport.forget(topic)
    throw error
  }
}
