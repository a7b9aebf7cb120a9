import { openKafka } from './broker.ts'
import { logContract } from './log-contract.ts'

logContract('the log on Kafka', openKafka)
