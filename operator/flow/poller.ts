import type { Key, PipelineObject } from '../api/kubernetes.ts'
import { flowInterval, isDraining, type Reading, type Seen } from '../decide/flow.ts'
import { childName } from '../desired/names.ts'
import type { Cluster, Reconcile } from '../reconcile/cluster.ts'
import { idOf } from '../reconcile/queue.ts'
import type { Summary } from '../../runtime/summary.ts'

/** So many readings in a row must fail until a consumer counts as unreadable: one alone may be a pod that is replaced. */
const failuresAllowed = 2
/** A consumer that does not answer is asked less often: the interval doubles so often. */
const doublings = 3
/**
 * What was heard counts for twice the longest interval. What is older, or of a time to come, is of a process that stood still
 * or of a wall clock that was moved: the status may know better.
 */
const heardWithin = 2 * flowInterval * 2 ** doublings
/** While a suspension waits for the data, it waits for the asking too. */
const drainInterval = 3_000

export interface FlowPollerOptions {
  cluster: Pick<Cluster, 'get'>
  /** Asks the consumer of a pipeline. */
  read: (key: Key) => Promise<Summary>
  /** Told after each asking, so that a pass can be made where it would write something new. */
  heard: (object: PipelineObject) => void
  /** Milliseconds since the epoch. */
  now: () => number
  /** From 0 to 1. */
  random: () => number
}

/** What consumers say, asked for outside the passes. */
export interface FlowPoller {
  /** The newest reading of exactly this pipeline, not of a former one with its name, and none that is old. */
  seen: (object: PipelineObject) => Seen
  /**
   * Asks one consumer, and wants to be called again after the interval with some jitter, until the pipeline is gone.
   * Made for a queue and workers of its own, which bound how many are asked at a time.
   */
  poll: Reconcile
}

interface Known {
  uid: string | undefined
  seen: Seen
  /** Since when, in milliseconds since the epoch. */
  at: number
  failures: number
}

export const flowPoller = ({ cluster, read, heard, now, random }: FlowPollerOptions): FlowPoller => {
  const known = new Map<string, Known>()
  const knownOf = ({ metadata }: PipelineObject): Known => {
    const { uid } = metadata
    const found = known.get(idOf(metadata))
    return found !== undefined && found.uid === uid ? found : { uid, seen: undefined, at: 0, failures: 0 }
  }
  const ask = async (key: Key): Promise<Reading | undefined> => {
    try {
      const summary = await read(key)
      return summary.pipeline === key.name ? { summary, at: now() } : undefined
    } catch {
      return undefined // the status says that it is not known; why is for the consumer's own log
    }
  }
  return {
    seen(object) {
      const { seen, at } = knownOf(object)
      const age = now() - at
      const fresh = age >= 0 && age <= heardWithin ? seen : undefined
      return typeof fresh === 'object' || isServed(cluster, object) ? fresh : 'unserved'
    },
    async poll(key) {
      const object = cluster.get('ClickstreamPipeline', key)
      if (object === undefined) {
        known.delete(idOf(key))
        return { kind: 'done' }
      }
      const before = knownOf(object)
      const answers = isServed(cluster, object)
      const reading = answers ? await ask(key) : undefined
      const after = reading === undefined ? failed(before, now()) : heardOf(before, reading)
      known.set(idOf(key), after)
      heard(cluster.get('ClickstreamPipeline', key) ?? object)
      const times = answers ? 2 ** Math.min(Math.max(0, after.failures - 1), doublings) : 1
      const interval = isDraining(object) ? drainInterval : flowInterval
      return { kind: 'wait', after: interval * times * (1 + random() / 5) }
    },
  }
}

const heardOf = ({ uid }: Known, reading: Reading): Known => ({
  uid,
  seen: reading,
  at: reading.at,
  failures: 0,
})

const failed = (before: Known, at: number): Known => {
  const failures = before.failures + 1
  return failures < failuresAllowed
    ? { ...before, failures }
    : { ...before, seen: 'unreadable', at, failures }
}

/** Whether a pod stands behind a Service that is this pipeline's own: nobody else is ever asked. */
const isServed = (cluster: Pick<Cluster, 'get'>, { metadata }: PipelineObject): boolean => {
  const at = { namespace: metadata.namespace, name: childName(metadata, 'consumer') }
  const service = cluster.get('Service', at)
  const isOurs = service?.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid) === true
  return isOurs && (cluster.get('Deployment', at)?.status?.readyReplicas ?? 0) > 0
}
