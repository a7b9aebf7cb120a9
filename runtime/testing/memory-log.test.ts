import { setImmediate as turn } from 'node:timers/promises'
import { logContract } from '../../test/integration/kafka/log-contract.ts'
import { MemoryBroker } from './memory-broker.ts'
import { memoryLog } from './memory-log.ts'

logContract('the log in memory', () => {
  // A poll without news comes back at the next turn, not after half a second.
  const broker = new MemoryBroker({ now: () => Date.now(), sleep: () => turn() })
  const log = memoryLog(broker)
  let topics = 0
  return Promise.resolve({
    log,
    createTopic: (partitions) => {
      topics += 1
      broker.createTopic(`topic-${topics}`, partitions)
      return Promise.resolve(`topic-${topics}`)
    },
    close: () => log.close(),
  })
})
