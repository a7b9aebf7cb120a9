import type { Logger } from '../role.ts'

export interface Line {
  level: string
  message: string
  fields: Record<string, unknown>
}

/** A logger that remembers what it was told. */
export const remembering = (): Logger & { lines: Line[]; messages(): string[] } => {
  const lines: Line[] = []
  const at =
    (level: string) =>
    (fields: object, message: string): void => {
      lines.push({ level, message, fields: Object.fromEntries(Object.entries(fields)) })
    }
  return {
    lines,
    messages: () => lines.map((line) => line.message),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  }
}
