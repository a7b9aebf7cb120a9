import type { MemoryBroker } from './broker.ts'
import type { TopicCluster } from './cluster.ts'

/** The write at which a controller dies, the first is 1: before it is done, or right after. */
export interface Death {
  at: number
  done: boolean
}

/** A cluster and a broker as a controller has them that dies at a write. */
export const mortal = (cluster: TopicCluster, broker: MemoryBroker, { at, done }: Death) => {
  let count = 0
  const dying =
    <A extends unknown[], T>(write: (...given: A) => Promise<T>) =>
    async (...given: A) => {
      count += 1
      if (count > at || (count === at && !done)) throw new Error('dead')
      const answer = await write(...given)
      if (count === at) throw new Error('dead')
      return answer
    }
  return {
    cluster: {
      ...cluster,
      apply: dying(cluster.apply),
      applyStatus: dying(cluster.applyStatus),
      removeFinalizer: dying(cluster.removeFinalizer),
    } as TopicCluster,
    broker: {
      ...broker,
      create: dying(broker.create),
      configure: dying(broker.configure),
      grow: dying(broker.grow),
      delete: dying(broker.delete),
    },
  }
}
