import { Registry } from 'prom-client'
import { type PipelinesOptions, runPipelines } from '../../operator/pipelines.ts'

export interface Operator {
  /** Passes that have begun. */
  passes(): Promise<number>
  /** Events that it had to tell, and could not. */
  untold(): Promise<number>
  /** SIGTERM: resolves when it has ended in order. */
  stop(): Promise<void>
}

/** Starts an operator in this process. */
export const startOperator = async (
  options: Omit<PipelinesOptions, 'signal' | 'registry' | 'runtimeImage'>,
): Promise<Operator> => {
  const end = new AbortController()
  const registry = new Registry()
  const running = await runPipelines({
    runtimeImage: 'clickstream-runtime',
    signal: end.signal,
    registry,
    ...options,
  })
  const sum = async (name: string): Promise<number> => {
    const { values } = (await registry.getSingleMetric(name)?.get()) ?? { values: [] }
    return values.reduce((all, { value }) => all + value, 0)
  }
  return {
    async passes() {
      const ended = await sum('controller_runtime_reconcile_total')
      return ended + (await sum('controller_runtime_active_workers'))
    },
    untold: () => sum('clickstream_operator_events_dropped_total'),
    stop() {
      end.abort()
      return running.over
    },
  }
}
