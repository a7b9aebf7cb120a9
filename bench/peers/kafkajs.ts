import { Kafka, logLevel } from 'kafkajs'
import { type Environment, environment } from './environment.ts'
import { Windows } from './windows.ts'

/**
 * The job as one would write it in an hour: kafkajs, eachBatch, JSON.parse, sets of strings. Offsets are committed after
 * each batch, without transactions; the CRC is not checked, as kafkajs does not.
 */
const run = async ({ brokers, topic, group, ...window }: Environment): Promise<void> => {
  const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.ERROR })
  const consumer = kafka.consumer({ groupId: group })
  const windows = new Windows(window)
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    eachBatch: ({ batch }) => {
      for (const { value } of batch.messages)
        if (value !== null) windows.count(batch.partition, JSON.parse(value.toString()))
      for (const result of windows.close()) process.stdout.write(`${JSON.stringify(result)}\n`)
      return Promise.resolve()
    },
  })
}

await run(environment(process.env))
