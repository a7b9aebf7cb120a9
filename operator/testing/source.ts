import type { KubernetesObject } from '../api/kubernetes.ts'
import type { Page } from '../kube/events.ts'
import type { Query, Source } from '../kube/reflector.ts'

/** A watch that the test drives. */
export interface DrivenWatch {
  query: Query
  signal: AbortSignal
  /** Sends events, each as a line. */
  send(...events: unknown[]): void
  /** The server ends it. */
  end(): void
  /** The connection breaks. */
  break(error: Error): void
}

type ListAnswer = Page | Error

/** A source of Services whose answers the test gives: lists from a queue, the last one again and again. */
export const drivenSource = (...answers: ListAnswer[]) => {
  const lists: Query[] = []
  const watches: DrivenWatch[] = []
  const refusals: Error[] = []
  const source: Source = {
    apiVersion: 'v1',
    kind: 'Service',
    async list(query) {
      lists.push(query)
      const answer = answers.length > 1 ? answers.shift() : answers[0]
      if (!answer || answer instanceof Error) throw answer ?? new Error('no answer')
      return answer
    },
    async watch(query, signal) {
      const refusal = refusals.shift()
      const { watch, text } = driven(query, signal)
      watches.push(watch)
      if (refusal) throw refusal
      return text
    },
  }
  return { source, lists, watches, refusals, latest: () => latest(watches) }
}

function latest(watches: DrivenWatch[]): DrivenWatch {
  const watch = watches.at(-1)
  if (!watch) throw new Error('there is no watch')
  return watch
}

function driven(query: Query, signal: AbortSignal) {
  let controller: ReadableStreamDefaultController<string> | undefined
  const stream = new ReadableStream<string>({ start: (given) => void (controller = given) })
  const fail = (error: Error) => controller?.error(error)
  signal.addEventListener('abort', () => fail(signal.reason as Error))
  const watch: DrivenWatch = {
    query,
    signal,
    send: (...events) => events.forEach((event) => controller?.enqueue(`${JSON.stringify(event)}\n`)),
    end() {
      controller?.close()
      controller = undefined
    },
    break: fail,
  }
  return { watch, text: stream }
}

/** A Service as a list or a watch has it. */
export const service = (name: string, resourceVersion: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { namespace: 'a', name, resourceVersion, uid: `uid-${name}` },
})
