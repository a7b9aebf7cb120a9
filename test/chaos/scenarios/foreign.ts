import { setTimeout as pause } from 'node:timers/promises'
import { Kafka, logLevel, type Producer } from 'kafkajs'
import { eventText } from '../load.ts'
import { grace, idleTimeout } from '../pipeline.ts'
import { exactly, type Scenario, story } from '../scenario.ts'
import type { Trial } from '../trial.ts'

const perTransaction = 30

/** The first is open for longer than a partition may be silent: what others write meanwhile must not become late. */
const openFor = (round: number): number => (round === 0 ? idleTimeout + grace + 3_000 : Math.random() * 300)

const inTransaction = async (trial: Trial, producer: Producer, round: number): Promise<void> => {
  const transaction = await producer.transaction()
  const entries = Array.from({ length: perTransaction }, (_, index) => ({
    id: `t${round}-${index}`,
    partition: index % trial.partitions,
    time: Date.now(),
    user: index,
    acknowledgedAt: undefined,
  }))
  const messages = entries.map((entry, index) => ({
    key: entry.id,
    value: eventText(entry, index),
    partition: entry.partition,
  }))
  await transaction.send({ topic: trial.topics.events, messages })
  // Others write between the records and the mark of their end.
  await pause(openFor(round))
  if (round % 2 === 1) return transaction.abort()
  await transaction.commit()
  trial.others.push(...entries.map((entry) => ({ ...entry, acknowledgedAt: Date.now() })))
}

/** Transactions of another program on the events: every second one is rolled back. */
export const writeInTransactions = async (trial: Trial, transactions: number): Promise<void> => {
  const { stage, name } = trial.options
  const kafka = new Kafka({
    brokers: stage.direct.split(','),
    clientId: 'another',
    logLevel: logLevel.NOTHING,
  })
  const transactionalId = `${name}.another`
  const producer = kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  try {
    for (let round = 0; round < transactions; round += 1) await inTransaction(trial, producer, round)
  } finally {
    await producer.disconnect()
  }
}

export const rolledBack: Scenario = {
  fault: 'another program writes events in transactions, and rolls back every second one',
  expected: `${exactly}; nothing is counted of what was rolled back`,
  on: 'broker',
  run: (given) =>
    story(given, { replicas: 2, window: { size: 1_000, slide: 1_000 } }, async (trial) => {
      const transactions = given.long ? 200 : 20
      await writeInTransactions(trial, transactions)
      await trial.windows(2)
      return `${transactions} transactions, half of them rolled back`
    }),
}
