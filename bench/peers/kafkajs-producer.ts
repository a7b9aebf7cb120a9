import { Kafka, logLevel } from 'kafkajs'
import { longestEvent } from '../../runtime/traffic/event-text.ts'
import { traffic } from '../../runtime/traffic/traffic.ts'
import { environment } from './environment.ts'

/** The same events as our producer makes, by kafkajs: idempotent, acks of all, 1,000 to a send, one send after another. */
const { brokers, topic } = environment(process.env)
const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.ERROR })
const producer = kafka.producer({ idempotent: true })
await producer.connect()
const source = traffic({ seed: 'kafkajs', users: 10_000, rate: 50_000 })
for (;;) {
  const sheet = { bytes: Buffer.allocUnsafe(1_000 * longestEvent), end: 0 }
  const messages = Array.from({ length: 1_000 }, () => {
    const from = sheet.end
    const { user } = source.draw(Date.now())
    source.write(sheet)
    return { key: user, value: sheet.bytes.subarray(from, sheet.end) }
  })
  await producer.send({ topic, acks: -1, messages })
}
