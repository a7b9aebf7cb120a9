import type { Condition } from '../api/kubernetes.ts'
import { longestMessage, type Reason, reasons } from '../api/status.ts'
import { escaped } from '../../runtime/escape.ts'

/** What one condition says now, before it is compared with what it said. */
export interface Fact {
  status: Condition['status']
  reason: Reason
  message: string
}

/** A fact; without a message of its own it has the reason's. It is one line that no terminal takes for a command. */
export const fact = (status: Fact['status'], reason: Reason, message: string = reasons[reason]): Fact => ({
  status,
  reason,
  message: cut(oneLine(message), longestMessage),
})

/** Of what others say so much is repeated, so that what we say after it is read too. */
const longestQuote = 600

/** What another controller says, for a message: in its words, on one line, cut where it is very long. */
export const quoted = (words: string): string => cut(oneLine(words), longestQuote)

const oneLine = (text: string): string => escaped(text.replaceAll(/[\r\n\t]+/g, ' ')).trim()

/** At most so many characters, as the API server counts them. */
const cut = (text: string, most: number): string => {
  if (text.length <= most) return text
  const characters = Array.from(text)
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`
}
