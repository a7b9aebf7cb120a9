import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { run } from '../../dev/command.ts'
import { debian } from '../../dev/debian.ts'
import type { PipelineObject } from '../../operator/api/kubernetes.ts'
import { conditions, type Facts, invalidFacts } from '../../operator/decide/conditions.ts'
import { fact } from '../../operator/decide/fact.ts'
import type { Observed } from '../../operator/decide/observed.ts'
import { kstatus } from '../../operator/testing/kstatus.ts'
import { bare, pipeline, pipelineObject, saidOf, settled } from '../../operator/testing/pipelines.ts'
import { root } from './manifests.ts'

/** The pipelines of docs/gitops.md, in its order, as the two tools of GitOps see what the operator writes. */

const said = (observed: Observed, of = pipeline()): Facts =>
  saidOf(of, observed, {
    suspended: of.spec.suspend ? fact('True', 'Drained', 'drained: true.') : fact('False', 'NotSuspended'),
    flowing: fact('True', 'Flowing'),
  })
const status = (facts: Facts, generation = 1) => ({
  observedGeneration: generation,
  conditions: conditions(facts, { previous: [], generation, now: '2026-01-31T12:00:00Z' }),
})
const withStatus = (facts: Facts): PipelineObject => ({ ...pipelineObject(), status: status(facts) })

const failing = (): Observed => {
  const observed = settled(pipeline())
  const { processor } = observed.deployments
  const failed = {
    type: 'Progressing',
    status: 'False',
    reason: 'ProgressDeadlineExceeded',
    message: 'no progress.',
  }
  Object.assign(processor?.status ?? {}, { readyReplicas: 0, availableReplicas: 0, conditions: [failed] })
  return observed
}
const losing = (): Observed => {
  const observed = settled(pipeline())
  Object.assign(observed.deployments.processor?.status ?? {}, { readyReplicas: 0, availableReplicas: 0 })
  return observed
}
const resting = (): Observed => {
  const observed = settled(pipeline({ suspend: true }))
  for (const deployment of Object.values(observed.deployments)) deployment.status = { replicas: 0 }
  return observed
}

const pipelines = {
  unseen: { ...pipelineObject(), status: { observedGeneration: -1 } },
  edited: {
    ...withStatus(said(settled(pipeline()))),
    metadata: { ...pipelineObject().metadata, generation: 2 },
  },
  'being made': withStatus(said(bare())),
  ready: withStatus(said(settled(pipeline()))),
  invalid: withStatus(invalidFacts(['spec.producer.rate: must be at least 1'])),
  'without pods': withStatus(said(failing())),
  'with a pod lost': withStatus(said(losing())),
  suspended: withStatus(said(resting(), pipeline({ suspend: true }))),
}

/** A value as a Lua table, as Argo CD gives it to the script. */
const lua = (value: unknown): string => {
  if (Array.isArray(value)) return `{${value.map(lua).join(', ')}}`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(([name, member]) => `[${JSON.stringify(name)}] = ${lua(member)}`)
  return `{${members.join(', ')}}`
}

test('Argo CD sees health as the document says, with the words of the condition', async () => {
  const { data } = parse(readFileSync(join(root, 'config/argocd/argocd-cm.yaml'), 'utf8'))
  const script: string = data['resource.customizations.health.clickstream.dev_ClickstreamPipeline']
  const seen: string[] = []
  for (const [name, object] of Object.entries(pipelines)) {
    const program = `local function health(obj)\n${script}\nend\nlocal h = health(${lua(object)})\nio.write(h.status, ': ', h.message)`
    seen.push(`${name} ${await run([...(await debian('lua5.4')), '-e', program])}`)
  }
  assert.deepEqual(seen, [
    'unseen Progressing: waiting for the operator to see this generation',
    'edited Progressing: waiting for the operator to see this generation',
    'being made Progressing: KafkaTopic clickstream-events does not exist yet',
    'ready Healthy: Every topic is ready and every pod that shall run is available.',
    'invalid Degraded: spec.producer.rate: must be at least 1',
    'without pods Degraded: Deployment clickstream-processor: 0 of 1 pods are available (no progress.); kubectl logs -n shop deployment/clickstream-processor says what they wait for',
    'with a pod lost Degraded: Deployment clickstream-processor: 0 of 1 pods are available; kubectl logs -n shop deployment/clickstream-processor says what they wait for',
    'suspended Suspended: drained: true.',
  ])
})

test('kstatus, and so Flux, sees what the document says', () => {
  assert.deepEqual(
    Object.entries(pipelines).map(([name, object]) => `${name}: ${kstatus(object)}`),
    [
      'unseen: InProgress',
      'edited: InProgress',
      'being made: InProgress',
      'ready: Current',
      'invalid: Failed',
      'without pods: Failed',
      'with a pod lost: InProgress',
      'suspended: InProgress',
    ],
  )
})
