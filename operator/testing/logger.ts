import { type Logger, pino } from 'pino'

export interface Logged {
  level: number
  msg: string
  [field: string]: unknown
}

/** A logger that keeps its lines. */
export const keptLogger = (): { logger: Logger; lines: Logged[] } => {
  const lines: Logged[] = []
  const stream = { write: (line: string) => void lines.push(JSON.parse(line) as Logged) }
  return { logger: pino({ level: 'debug', base: null, timestamp: false }, stream), lines }
}
