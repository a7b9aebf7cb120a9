import { after, before, describe } from 'node:test'
import type { Log } from '../../../runtime/roles/log.ts'
import { appends } from './contract/appends.ts'
import { groups } from './contract/groups.ts'
import { leases } from './contract/leases.ts'
import { readers } from './contract/readers.ts'
import { transactions } from './contract/transactions.ts'

/** A log to hold by the contract. */
export interface LogUnderTest {
  log: Log
  /** Makes a topic that accepts values of 1 MB, and gives its name. */
  createTopic(partitions: number): Promise<string>
  close(): Promise<void>
}

/** What every log keeps, the one in memory and the one on Kafka. */
export function logContract(name: string, open: () => Promise<LogUnderTest>): void {
  describe(name, () => {
    let under: LogUnderTest
    before(async () => {
      under = await open()
    })
    after(() => under.close())
    const given = async (partitions = 1) => ({ log: under.log, topic: await under.createTopic(partitions) })
    appends(given)
    readers(given)
    transactions(given)
    leases(given)
    groups(given)
  })
}
