import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** A connection of two ports of 127.0.0.1, seen from the side that opened it. */
interface Ends {
  from: number
  to: number
}

/**
 * The process that opened the TCP connection, as Linux tells it: one of those that this process has started. All
 * others are not looked at, as that takes so long on a busy machine that connections run out of time meanwhile.
 */
export const ownerOf = (ends: Ends): number | undefined => {
  const inode = inodeOf(ends)
  if (inode === undefined) return undefined
  const wanted = `socket:[${inode}]`
  return children().find((pid) => sockets(pid).includes(wanted))
}

/** Linux keeps them with the thread that started them, which is the main one. */
const children = (): number[] =>
  readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').map(Number)

/**
 * Columns 2 and 3 of /proc/net/tcp are the local and the remote address and port in hex, column 10 the inode. One
 * local port may have connections to several remote ones, most of them long closed.
 */
const inodeOf = ({ from, to }: Ends): string | undefined => {
  const ends = `${loopback(from)} ${loopback(to)}`
  const row = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .find((each) => each.includes(ends))
  return row?.trim().split(/\s+/)[9]
}

const loopback = (port: number): string => `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`

const sockets = (pid: number): string[] => {
  try {
    const folder = `/proc/${pid}/fd`
    return readdirSync(folder).flatMap((name) => link(`${folder}/${name}`) ?? [])
  } catch {
    return [] // another user's, or gone
  }
}

const link = (path: string): string | undefined => {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}
