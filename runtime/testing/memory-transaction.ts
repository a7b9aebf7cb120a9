import type { Position } from '../roles/log.ts'
import type { End, MemoryPartition, Part } from './memory-partition.ts'

/** The places of a transaction of which a coordinator that crashes may know nothing when it comes back. */
export interface Forgotten {
  /** The partition that it wrote to first. */
  first: boolean
  /** All others. */
  rest: boolean
  positions: boolean
}

/** What one transactional id has open, and what no mark has ended of it. */
export class MemoryTransactions {
  readonly #hanging = new Map<MemoryPartition, Part[]>()
  #hangingPositions = new Map<string, Position>()
  #open: { parts: Map<MemoryPartition, Part>; positions: Map<string, Position> } | undefined

  begin(): void {
    this.#open = { parts: new Map(), positions: new Map() }
  }

  get isOpen(): boolean {
    return this.#open !== undefined
  }

  /** What the open transaction writes to a partition. */
  part(partition: MemoryPartition): Part {
    const part = this.#open?.parts.get(partition) ?? { state: 'open' }
    this.#open?.parts.set(partition, part)
    return part
  }

  /** A position moves when the open transaction is committed. */
  move(key: string, position: Position): void {
    this.#open?.positions.set(key, position)
  }

  /** Whether a position is about to move, as far as the group knows. */
  hangs(key: string): boolean {
    return this.#hangingPositions.has(key)
  }

  /** Ends the open transaction, and with it what hangs in its places. Gives the positions that have moved. */
  end(state: End, forgotten?: Forgotten): Map<string, Position> {
    const { parts, positions } = this.#open ?? {
      parts: new Map<MemoryPartition, Part>(),
      positions: new Map(),
    }
    this.#open = undefined
    for (const [index, [partition, part]] of [...parts].entries()) {
      const all = [...(this.#hanging.get(partition) ?? []), part]
      if (index === 0 ? forgotten?.first : forgotten?.rest) this.#hanging.set(partition, all)
      else {
        for (const each of all) each.state = state
        partition.mark(state)
        this.#hanging.delete(partition)
      }
    }
    const moving = new Map([...this.#hangingPositions, ...positions])
    this.#hangingPositions = forgotten?.positions ? moving : new Map()
    return forgotten?.positions || state === 'aborted' ? new Map() : moving
  }
}
