import { LogFault, type Append, type Fetched, type FetchFault, type Log, type Message } from '../log.ts'

/** One topic in memory, with as many partitions as wanted, and faults when wanted. */
export class OneTopic {
  partitions: Message[][]
  /** The first offset that still exists, for all partitions. */
  start = 0
  /** Called before each append: it may wait or throw. */
  before: (append: Append) => Promise<void> | void = () => undefined
  fault: LogFault | undefined
  closed = false

  constructor(partitions: number) {
    this.partitions = Array.from({ length: partitions }, () => [])
  }

  write(partition: number, text: string): void {
    this.partitions[partition]?.push({ key: null, value: Buffer.from(text) })
  }

  log(): Log {
    const refuse = (): Promise<never> => Promise.reject(new Error('the role has no use for it'))
    return {
      partitions: async () => {
        await Promise.resolve()
        if (this.fault !== undefined) throw this.fault
        return this.partitions.length
      },
      bounds: (_topic, partition) =>
        Promise.resolve({ start: this.start, end: this.partitions[partition]?.length ?? 0 }),
      append: (append) => this.#append(append),
      reader: () => this.#reader(),
      lease: refuse,
      position: refuse,
      join: refuse,
      close: () => {
        this.closed = true
        return Promise.resolve()
      },
    }
  }

  async #append(append: Append): Promise<number> {
    await this.before(append)
    const records = this.partitions[append.partition]
    if (records === undefined)
      throw new LogFault('no such partition', { reason: 'UnknownPartition', retry: true })
    records.push(...append.messages)
    return records.length - append.messages.length
  }

  #reader() {
    const next = new Map<number, number>()
    const fetched = (partition: number, from: number): Fetched | FetchFault => {
      if (this.fault !== undefined) return { partition, fault: this.fault }
      const records = this.partitions[partition] ?? []
      if (from < this.start || from > records.length) {
        return { partition, fault: new LogFault('gone', { reason: 'OffsetOutOfRange', retry: false }) }
      }
      next.set(partition, records.length)
      const each: Fetched['each'] = (visit) =>
        records
          .slice(from)
          .forEach(({ key, value }, n) => visit({ offset: from + n, timestamp: 0, key, value }))
      return { partition, each, next: records.length, end: records.length }
    }
    return {
      seek: (partition: number, offset: number) => void next.set(partition, offset),
      drop: (partition: number) => void next.delete(partition),
      poll: () =>
        new Promise<(Fetched | FetchFault)[]>((resolve) => {
          setImmediate(() => resolve(Array.from(next, ([partition, from]) => fetched(partition, from))))
        }),
      close: () => Promise.resolve(),
    }
  }
}
