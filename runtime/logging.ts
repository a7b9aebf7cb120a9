import { pino, type Logger } from 'pino'
import { escaped } from './escape.ts'

/**
 * The log of a process: a line of JSON each on standard error. Texts come from brokers, from the API server and from
 * events; as JSON has only part of the control characters escaped, the rest and those that change the order of a line
 * are escaped here.
 */
export const openLog = (
  { level, base }: { level: string; base: object },
  write: (line: string) => void = toStandardError(),
): Logger => pino({ level, base }, { write: (line: string) => write(`${escaped(line.slice(0, -1))}\n`) })

const toStandardError = (): ((line: string) => void) => {
  const destination = pino.destination({ dest: 2, sync: true })
  return (line) => void destination.write(line)
}
