import { Gauge, type Registry } from 'prom-client'
import type { PipelineObject } from '../api/kubernetes.ts'
import { previousConditions } from '../api/pipeline.ts'

/** What a scrape shows of the pipelines, as their conditions say. Read from the cache at each scrape. */
export const pipelineGauges = (register: Registry, pipelines: () => readonly PipelineObject[]): Gauge[] => {
  const gauge = (type: 'Ready' | 'Suspended', help: string) =>
    new Gauge({
      name: `clickstream_pipeline_${type.toLowerCase()}`,
      help,
      labelNames: ['namespace', 'pipeline'],
      registers: [register],
      collect() {
        this.reset() // a pipeline that is gone has no line
        for (const pipeline of pipelines()) {
          const { namespace, name } = pipeline.metadata
          const condition = previousConditions(pipeline).find((found) => found.type === type)
          this.set({ namespace, pipeline: name }, condition?.status === 'True' ? 1 : 0)
        }
      },
    })
  return [
    gauge('Ready', '1 while the pipeline is Ready, else 0.'),
    gauge('Suspended', '1 while the pipeline is suspended and has no pods, else 0.'),
  ]
}

/** `clickstream_operator_build_info`, always 1: its label is what it tells. */
export const buildInfo = (register: Registry, version: string): void => {
  new Gauge({
    name: 'clickstream_operator_build_info',
    help: 'The version of the operator.',
    labelNames: ['version'],
    registers: [register],
  }).set({ version }, 1)
}

/** controller-runtime's `leader_election_master_status`: says of a lease whether this instance works under it. */
export const leadership = (register: Registry, name: string): ((leads: boolean) => void) => {
  const gauge = new Gauge({
    name: 'leader_election_master_status',
    help: '1 in the instance that holds the lease and makes passes, 0 in one that waits.',
    labelNames: ['name'],
    registers: [register],
  })
  const tell = (leads: boolean): void => gauge.set({ name }, leads ? 1 : 0)
  tell(false)
  return tell
}
