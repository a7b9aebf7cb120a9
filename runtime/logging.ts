import { pino, type Logger } from 'pino'

/** What a JSON text leaves as it is although a terminal, or who reads it, could take it for something else. */
const unfit = /[\p{C}\p{Zl}\p{Zp}]/gu

/** Most lines: the expression above takes a megabyte of memory from its first use on. */
const plain = /^[\n -~]*$/

/** A line of JSON with each of them as `\uXXXX`, which means the same. */
const escaped = (line: string): string => (plain.test(line) ? line : escapedAll(line))

const escapedAll = (line: string): string =>
  line.replaceAll(unfit, (character) =>
    character === '\n'
      ? character
      : Array.from({ length: character.length }, (_, unit) => hex(character.charCodeAt(unit))).join(''),
  )

const hex = (unit: number): string => String.raw`\u${unit.toString(16).padStart(4, '0')}`

/**
 * The log of a process: a line of JSON each on standard error. Texts come from brokers, from the API server and from
 * events; as JSON has only part of the control characters escaped, the rest and those that change the order of a line
 * are escaped here.
 */
export const openLog = (
  { level, base }: { level: string; base: object },
  write: (line: string) => void = toStandardError(),
): Logger => pino({ level, base }, { write: (line: string) => write(escaped(line)) })

const toStandardError = (): ((line: string) => void) => {
  const destination = pino.destination({ dest: 2, sync: true })
  return (line) => void destination.write(line)
}
