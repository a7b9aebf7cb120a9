import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AnyValues } from '../measures.ts'
import type { Log } from './log.ts'

/** Whether something works, and a sentence that says why or why not. */
export interface Health {
  ok: boolean
  why: string
}

/** Answers GET and HEAD requests of one path. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** Structured logging: fields, then a constant message. A pino logger fits. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Time as the roles see it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Resolves after `milliseconds`, or as soon as the signal is aborted. Never rejects. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
}

/** What every role is given. Aborting the signal stops it. */
export interface Context<Settings> {
  settings: Settings
  log: Log
  clock: Clock
  logger: Logger
  signal: AbortSignal
}

/** A role at work. */
export interface Running {
  /** Resolves when the role has stopped, after the signal; rejects when it cannot go on. */
  done: Promise<void>
  /** Not ok when the role has stalled and a new process might help. */
  health(): Health
  /** Ok once the role does its work. */
  readiness(): Health
  /** For `/metrics`. */
  measures(): AnyValues
  /** Paths that the role answers beside those of every role. */
  routes?: Readonly<Record<string, Handler>>
}
