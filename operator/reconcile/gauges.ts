import { Gauge, type Registry } from 'prom-client'
import type { PipelineObject } from '../api/kubernetes.ts'
import { previousConditions } from '../api/pipeline.ts'

/** What a scrape shows of the pipelines: whether each is Ready, as its status says. Read from the cache at each scrape. */
export const pipelineGauge = (register: Registry, pipelines: () => readonly PipelineObject[]): Gauge =>
  new Gauge({
    name: 'clickstream_pipeline_ready',
    help: '1 while the pipeline is Ready, else 0',
    labelNames: ['namespace', 'pipeline'],
    registers: [register],
    collect() {
      this.reset() // a pipeline that is gone has no line
      for (const pipeline of pipelines()) {
        const { namespace, name } = pipeline.metadata
        const ready = previousConditions(pipeline).find(({ type }) => type === 'Ready')
        this.set({ namespace, pipeline: name }, ready?.status === 'True' ? 1 : 0)
      }
    },
  })

/** `clickstream_operator_build_info`, always 1: its label is what it tells. */
export const buildInfo = (register: Registry, version: string): void => {
  new Gauge({
    name: 'clickstream_operator_build_info',
    help: 'The version of the operator',
    labelNames: ['version'],
    registers: [register],
  }).set({ version }, 1)
}
