import { connect } from 'node:net'

/** Asks for metadata (request 3, version 5, no topics) and returns how many brokers the answer names. */
export function brokersKnown(host: string, port: number): Promise<number> {
  const request = Buffer.from([0, 0, 0, 15, 0, 3, 0, 5, 0, 0, 0, 1, 0xff, 0xff, 0, 0, 0, 0, 0])
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: 2000 }, () => socket.write(request))
    let answer = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk])
      if (answer.length < 16) return
      resolve(answer.readInt32BE(12)) // after length, correlation id and throttle time
      socket.destroy()
    })
    socket.on('timeout', () => socket.destroy(new Error(`no answer from ${host}:${port}`)))
    socket.on('error', reject)
    socket.on('close', () => reject(new Error(`${host}:${port} closed the connection`)))
  })
}
