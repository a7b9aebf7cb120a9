import { connect as connectPlain, isIP, type OnReadOpts, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import type { ISocketFactory } from 'kafkajs'
import { Frames } from './frames.ts'

/**
 * Makes sockets for kafkajs whose large answers are read by the kernel where they are used. kafkajs gets whole
 * frames, which it does not copy as long as it holds nothing else.
 */
export const readingSocket: ISocketFactory = ({ host, port, ssl, onConnect }): Socket => {
  const frames = new Frames()
  const onread = {
    buffer: () => frames.room(),
    callback: (count: number) => {
      for (const frame of frames.filled(count)) socket.emit('data', frame)
      return true
    },
  }
  const secure: ConnectionOptions & { onread: OnReadOpts } = {
    host,
    port,
    ...(isIP(host) ? {} : { servername: host }),
    ...ssl,
    onread,
  }
  const socket = ssl ? connectTls(secure, onConnect) : connectPlain({ host, port, onread }, onConnect)
  return socket.setKeepAlive(true, 60_000)
}
