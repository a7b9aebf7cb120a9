import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { ownerOf } from './owner.ts'
import { frames, int32 } from './wire.ts'

/** The steps of a transaction by their API keys. */
const steps = {
  InitProducerId: 22,
  AddPartitionsToTxn: 24,
  Produce: 0,
  AddOffsetsToTxn: 25,
  TxnOffsetCommit: 28,
  EndTxn: 26,
} as const
export type Step = keyof typeof steps

/** A point in a process' talk with the broker. */
interface FailPoint {
  pid: number
  step: Step
  /** The how manieth such request it is, from 1. */
  nth: number
  /** `before`: the broker does not get the request; `after`: it has answered, and the answer does not arrive. */
  when: 'before' | 'after'
}

/** The way of the processors to their broker, on which everything can go wrong. */
export interface Proxy {
  /** Resolves when the process has come to the point: its connection is held until it is released. Rejects when it does not. */
  reached(point: FailPoint): Promise<{ release: () => void }>
  /** Breaks all connections of these processes. */
  reset(pids: readonly number[]): void
  /** Holds all that these processes send and get for so many milliseconds; 0 ends it. */
  delay(pids: readonly number[], milliseconds: number): void
  /** Nothing passes the connections that these processes have, and nobody is told. New ones work. */
  blackhole(pids: readonly number[]): void
  /** Holds every connection on which these processes speak to their group, also new ones; until `speak`. */
  gag(pids: readonly number[]): void
  speak(pids: readonly number[]): void
  close(): void
}

/** How long a point is waited for, in milliseconds. */
const patience = 90_000

/** JoinGroup, Heartbeat and SyncGroup. */
const toGroup: readonly number[] = [11, 12, 14]

interface Trap extends FailPoint {
  seen: number
  reached: (release: () => void) => void
}

/** One direction of a connection. Frames leave in their order, each after the delay that it came under. */
class Lane {
  readonly #to: Socket
  #held: { frame: Buffer; at: number }[] = []
  #holding = false

  constructor(to: Socket) {
    this.#to = to
  }

  pass(frame: Buffer, delay: number): void {
    this.#held.push({ frame, at: Date.now() + delay })
    // A timer may fire a millisecond early by the clock of the day.
    if (delay > 0) setTimeout(() => this.#flush(), delay + 2)
    else this.#flush()
  }

  hold(): void {
    this.#holding = true
  }

  release(): void {
    this.#holding = false
    this.#flush()
  }

  #flush(): void {
    while (!this.#holding && (this.#held[0]?.at ?? Infinity) <= Date.now()) {
      const frame = this.#held.shift()?.frame
      if (frame === undefined || this.#to.destroyed) continue
      this.#to.write(Buffer.concat([int32(frame.length), frame]))
    }
  }
}

/** A connection of a process to its broker. */
class Passage {
  readonly pid: number
  readonly #client: Socket
  readonly #broker: Socket
  readonly #lanes: readonly [there: Lane, back: Lane]
  delay = 0

  constructor(
    { client, broker, pid }: { client: Socket; broker: Socket; pid: number },
    { traps, gagged }: { traps: Set<Trap>; gagged: ReadonlySet<number> },
  ) {
    this.#client = client
    this.#broker = broker
    this.pid = pid
    const [there, back] = (this.#lanes = [new Lane(broker), new Lane(client)])
    let awaited: { correlation: number; trap: Trap } | undefined
    const release = (): void => this.#release()
    client.on(
      'data',
      frames((frame) => {
        const trap = this.#trapFor(traps, frame)
        if (trap?.when === 'after') awaited = { correlation: frame.readInt32BE(4), trap }
        const silent = gagged.has(pid) && toGroup.includes(frame.readInt16BE(0))
        if (trap?.when === 'before' || silent) this.hold()
        there.pass(frame, this.delay)
        if (trap?.when === 'before') trap.reached(release)
      }),
    )
    broker.on(
      'data',
      frames((frame) => {
        const trap = awaited?.correlation === frame.readInt32BE(0) ? awaited.trap : undefined
        if (trap !== undefined) this.hold()
        back.pass(frame, this.delay)
        trap?.reached(release)
      }),
    )
    for (const [socket, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      socket.on('error', () => undefined)
      socket.on('close', () => other.destroy())
    }
  }

  end(): void {
    this.#client.resetAndDestroy()
    this.#broker.destroy()
  }

  /** Nothing passes any more, in either direction. */
  hold(): void {
    for (const lane of this.#lanes) lane.hold()
  }

  #release(): void {
    for (const lane of this.#lanes) lane.release()
  }

  #trapFor(traps: Set<Trap>, frame: Buffer): Trap | undefined {
    const api = frame.readInt16BE(0)
    const trap = [...traps].find(({ pid, step }) => pid === this.pid && steps[step] === api)
    if (trap === undefined) return undefined
    trap.seen += 1
    if (trap.seen < trap.nth) return undefined
    traps.delete(trap)
    return trap
  }
}

/** Listens on `port` and passes all on to `target`, both of 127.0.0.1. */
export const openProxy = async (port: number, target: number): Promise<Proxy> => {
  const passages = new Set<Passage>()
  const traps = new Set<Trap>()
  const delays = new Map<number, number>()
  const gagged = new Set<number>()
  const server = createServer((client) => {
    const pid = ownerOf({ from: client.remotePort ?? 0, to: port })
    // No fault would ever reach the connection of a process that is not known: it is to come again.
    if (pid === undefined) return client.destroy()
    const broker = connect(target, '127.0.0.1')
    const passage = new Passage({ client, broker, pid }, { traps, gagged })
    passage.delay = delays.get(pid) ?? 0
    passages.add(passage)
    return client.on('close', () => passages.delete(passage))
  })
  await once(server.listen(port, '127.0.0.1'), 'listening')
  const of = (pids: readonly number[]): Passage[] => [...passages].filter(({ pid }) => pids.includes(pid))
  return {
    reached: (point) =>
      new Promise((resolve, reject) => {
        const { step, nth, pid } = point
        const late = new Error(`process ${pid} did not send its ${step} number ${nth} within ${patience} ms`)
        const timer = setTimeout(() => reject(late), patience)
        const reached = (release: () => void): void => {
          clearTimeout(timer)
          resolve({ release })
        }
        traps.add({ ...point, seen: 0, reached })
      }),
    reset: (pids) => of(pids).forEach((passage) => passage.end()),
    delay(pids, milliseconds) {
      for (const pid of pids) delays.set(pid, milliseconds)
      for (const passage of of(pids)) passage.delay = milliseconds
    },
    blackhole: (pids) => of(pids).forEach((passage) => passage.hold()),
    gag: (pids) => pids.forEach((pid) => gagged.add(pid)),
    speak: (pids) => pids.forEach((pid) => gagged.delete(pid)),
    close() {
      server.close()
      for (const passage of passages) passage.end()
    },
  }
}
