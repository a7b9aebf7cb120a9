import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { PipelineObject } from '../api/kubernetes.ts'
import type { Happening } from '../decide/happenings.ts'
import type { Clock } from '../reconcile/clock.ts'
import type { Dropped, Recorder } from '../reconcile/recorder.ts'
import type { Client } from './client.ts'
import { StatusFault } from './fault.ts'
import { collectionPath, objectPath } from './kinds.ts'

const minute = 60_000
/** The same event within this time after the last makes that one's series longer (client-go's finishTime). */
const seriesWithin = 6 * minute
/** Events of one pipeline: so many at once, then one in five minutes (client-go's EventSourceObjectSpamFilter). */
const burst = 25
const refill = 5 * minute
/** Events that wait to be sent; what comes when so many wait is dropped. */
const mostWaiting = 1_000
/** Events that are sent at a time, each about another pipeline: half as many as passes, which write five times as much. */
const senders = 4
/** Bytes of a note that the API server takes. */
const longestNote = 1_024

export interface EventRecorderOptions {
  client: Pick<Client, 'request'>
  /** Who reports: the name of the program, and of its pod. */
  controller: string
  instance: string
  /** Measures series and budgets: a step of the wall clock makes no pipeline silent. */
  clock: Pick<Clock, 'now'>
  /** Milliseconds since the epoch. */
  wallClock: () => number
  logger: Logger
  /** Told of each event that is not written. */
  dropped?: ((why: Dropped) => void) | undefined
}

interface Report {
  about: PipelineObject['metadata']
  apiVersion: string
  happening: Happening
  /** By the clock, and by the wall clock. */
  at: number
  time: number
}

/** An event that the API server has. */
interface Known {
  name: string
  count: number
  last: number
}

/**
 * Writes events.k8s.io/v1 beside the passes, after client-go's tools/events: the same again within six minutes becomes a
 * series of the first; a pipeline that has too much to tell is cut short; what fails is dropped, never tried again.
 */
export class EventRecorder implements Recorder {
  readonly #options: EventRecorderOptions
  readonly #waiting: Report[] = []
  /** What is under way, by the pipeline's uid: of one pipeline an event at a time, so that a series has one beginning. */
  readonly #sending = new Map<string | undefined, Promise<void>>()
  /** What was told, the longest ago first. */
  readonly #known = new Map<string, Known>()
  /** When the budget of a pipeline will be whole again: a leaking bucket as one number. */
  readonly #wholeAt = new Map<string, number>()
  #failing = false

  constructor(options: EventRecorderOptions) {
    this.#options = options
  }

  record({ metadata, apiVersion }: PipelineObject, happening: Happening): void {
    const { clock, wallClock, dropped } = this.#options
    const at = clock.now()
    if (this.#waiting.length >= mostWaiting) return dropped?.('full')
    if (!this.#afford(metadata.uid ?? '', at)) return dropped?.('burst')
    this.#waiting.push({ about: metadata, apiVersion, happening, at, time: wallClock() })
    this.#next()
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    while (this.#sending.size > 0) await Promise.all(this.#sending.values())
  }

  #afford(uid: string, at: number): boolean {
    const wholeAt = Math.max(this.#wholeAt.get(uid) ?? 0, at)
    if (wholeAt - at > (burst - 1) * refill) return false
    this.#wholeAt.delete(uid)
    this.#wholeAt.set(uid, wholeAt + refill)
    forget(this.#wholeAt, (due) => due < at)
    return true
  }

  #next(): void {
    while (this.#sending.size < senders) {
      const index = this.#waiting.findIndex(({ about }) => !this.#sending.has(about.uid))
      const [report] = index < 0 ? [] : this.#waiting.splice(index, 1)
      if (!report) return
      const { uid } = report.about
      const sent = this.#send(report).then(() => {
        this.#sending.delete(uid)
        this.#next()
      })
      this.#sending.set(uid, sent)
    }
  }

  async #send(report: Report): Promise<void> {
    const { dropped, logger } = this.#options
    await Promise.resolve() // never within the call of `record`
    try {
      await this.#tell(report)
      this.#failing = false
    } catch (error) {
      dropped?.('failed')
      if (!this.#failing) logger.warn({ err: error }, 'events cannot be written and are dropped')
      this.#failing = true
    }
  }

  async #tell(report: Report): Promise<void> {
    const { about, happening, at } = report
    forget(this.#known, ({ last }) => at - last > seriesWithin)
    const id = [about.uid, happening.type, happening.reason, happening.note].join('\n')
    const known = this.#known.get(id)
    const told = (known && (await this.#continue(known, report))) ?? (await this.#begin(report))
    this.#known.delete(id)
    this.#known.set(id, told)
  }

  async #begin(report: Report): Promise<Known> {
    const name = `${report.about.name}.${randomUUID().replaceAll('-', '').slice(0, 16)}`
    const path = collectionPath('Event', { version: 'v1', namespace: report.about.namespace })
    const { controller, instance } = this.#options
    await this.#options.client.request({
      method: 'POST',
      path,
      body: event(report, { name, controller, instance }),
    })
    return { name, count: 1, last: report.at }
  }

  /** Undefined when the API server has the event no more. */
  async #continue(known: Known, { about, at, time }: Report): Promise<Known | undefined> {
    const count = known.count + 1
    try {
      await this.#options.client.request({
        method: 'PATCH',
        path: objectPath('Event', 'v1', { namespace: about.namespace, name: known.name }),
        contentType: 'application/merge-patch+json',
        body: { series: { count, lastObservedTime: microTime(time) } },
      })
      return { ...known, count, last: at }
    } catch (error) {
      if (error instanceof StatusFault && error.reason === 'NotFound') return undefined
      throw error
    }
  }
}

const event = (
  { about: { name: pipeline, namespace, uid }, apiVersion, happening, time }: Report,
  { name, controller, instance }: { name: string; controller: string; instance: string },
): object => ({
  apiVersion: 'events.k8s.io/v1',
  kind: 'Event',
  metadata: { name, namespace },
  eventTime: microTime(time),
  reportingController: controller,
  reportingInstance: instance,
  action: 'Reconcile',
  type: happening.type,
  reason: happening.reason,
  regarding: { apiVersion, kind: 'ClickstreamPipeline', namespace, name: pipeline, uid },
  note: cut(happening.note),
})

/** metav1.MicroTime wants six decimals. */
export const microTime = (at: number): string => new Date(at).toISOString().replace('Z', '000Z')

/** Whole characters of a text that fit into the bytes of a note. */
const cut = (note: string): string => {
  const bytes = Buffer.from(note)
  if (bytes.length <= longestNote) return note
  return `${bytes
    .subarray(0, longestNote - 3)
    .toString('utf8')
    .replace(/\uFFFD+$/, '')}…`
}

/** Drops the entries at the beginning of a map for as long as they are old. */
const forget = <T>(map: Map<string, T>, isOld: (value: T) => boolean): void => {
  for (const [key, value] of map) {
    if (!isOld(value)) return
    map.delete(key)
  }
}
