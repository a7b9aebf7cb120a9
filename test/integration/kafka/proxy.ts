import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A way to a broker on which answers can get lost. */
export interface Proxy {
  /** Loses the answer to the next request of this API: it is done, and then the connection breaks. */
  loseAnswer(api: number): void
  /** Resolves when the next request of this API has been passed on; its answer may be on its way. */
  passed(api: number): Promise<void>
  /** How many answers were lost. */
  readonly lost: number
  close(): void
}

export async function openProxy(port: number, target: number): Promise<Proxy> {
  let wanted: number | undefined
  let lost = 0
  const awaited = new Map<number, () => void>()
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const broker = connect(target, '127.0.0.1')
    let losing = false
    const apis = apiReader((api) => {
      awaited.get(api)?.()
      awaited.delete(api)
      if (api !== wanted) return
      wanted = undefined
      losing = true
    })
    client.on('data', (bytes) => {
      broker.write(bytes)
      apis(bytes)
    })
    broker.on('data', (bytes) => {
      if (!losing) return client.write(bytes)
      lost += 1
      client.destroy()
      broker.destroy()
      return false
    })
    for (const [socket, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => other.destroy())
    }
  })
  await once(server.listen(port, '127.0.0.1'), 'listening')
  return {
    loseAnswer: (api) => (wanted = api),
    passed: (api) => new Promise((resolve) => awaited.set(api, resolve)),
    get lost() {
      return lost
    },
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** Reads the API key of each request: four bytes of size, then two of the key. */
function apiReader(seen: (api: number) => void): (bytes: Buffer) => void {
  let rest = Buffer.alloc(0)
  return (bytes) => {
    rest = Buffer.concat([rest, bytes])
    while (rest.length >= 6 && rest.length >= 4 + rest.readInt32BE(0)) {
      seen(rest.readInt16BE(4))
      rest = rest.subarray(4 + rest.readInt32BE(0))
    }
  }
}
