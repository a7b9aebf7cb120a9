import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** The process that has the TCP connection from this local port of 127.0.0.1, as Linux tells it; ours alone. */
export const ownerOf = (port: number): number | undefined => {
  const inode = inodeOf(port)
  if (inode === undefined) return undefined
  const wanted = `socket:[${inode}]`
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => sockets(pid).includes(wanted))
}

/** Column 2 of /proc/net/tcp is the local address and port in hex, column 10 the inode. */
const inodeOf = (port: number): string | undefined => {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const rows = readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1)
  return rows.map((row) => row.trim().split(/\s+/)).find((row) => row[1] === local)?.[9]
}

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
