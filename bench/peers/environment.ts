/** What every peer is told, by environment variables. */
export interface Environment {
  brokers: string
  topic: string
  group: string
  partitions: number
  /** Milliseconds. */
  size: number
  grace: number
}

export const environment = (given: NodeJS.ProcessEnv): Environment => ({
  brokers: given['BROKERS'] ?? '',
  topic: given['TOPIC'] ?? '',
  group: given['GROUP'] ?? '',
  partitions: Number(given['PARTITIONS']),
  size: Number(given['WINDOW_MS']),
  grace: Number(given['GRACE_MS']),
})
