import { connect as connectPlain, isIP, type OnReadOpts, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import type { ISocketFactory } from 'kafkajs'
import type { Regions } from '../roles/log.ts'
import { Frames } from './frames.ts'

/**
 * Makes a socket for kafkajs whose large answers are read where they are used. kafkajs gets whole frames, which it
 * does not copy as long as it holds nothing else.
 */
export const readingSocket =
  (regions: Regions | undefined): ISocketFactory =>
  ({ host, port, ssl, onConnect }): Socket => {
    const frames = new Frames(regions && { regions })
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
