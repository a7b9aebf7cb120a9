import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A TCP proxy that can fail as networks do. */
export interface Network {
  port: number
  /** How many connections were accepted so far. */
  accepted(): number
  /** Resets all connections. */
  reset(): void
  /** Lets nothing pass on the present connections any more, and closes none: half open. New ones work. */
  freeze(): void
  /** Resets all connections and each new one until `accept`. */
  refuse(): void
  accept(): void
  close(): void
}

export async function startNetwork(target: number): Promise<Network> {
  const pairs = new Set<[near: Socket, far: Socket]>()
  let accepted = 0
  let refusing = false
  const server = createServer((near) => {
    near.on('error', () => {})
    if (refusing) {
      near.resetAndDestroy()
      return
    }
    accepted += 1
    const far = connect(target, '127.0.0.1').on('error', () => {})
    const pair: [Socket, Socket] = [near, far]
    pairs.add(pair)
    near.on('close', () => {
      pairs.delete(pair)
      far.destroy()
    })
    far.on('close', () => near.destroy())
    near.pipe(far).pipe(near)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const reset = () => {
    for (const [near, far] of pairs) {
      near.resetAndDestroy()
      far.destroy()
    }
  }
  return {
    port: (server.address() as AddressInfo).port,
    accepted: () => accepted,
    reset,
    freeze() {
      for (const sockets of pairs) for (const socket of sockets) socket.unpipe().pause()
    },
    refuse() {
      refusing = true
      reset()
    },
    accept: () => void (refusing = false),
    close() {
      server.close()
      reset()
    },
  }
}
