import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { until } from '../../../dev/until.ts'
import type { Condition, KubernetesObject, PipelineObject } from '../../../operator/api/kubernetes.ts'
import { essence } from '../../../operator/testing/essence.ts'
import { type AnySpec, asEditOf, validSpecs } from '../../../operator/testing/specs.ts'
import { type Scenario, seconds, within } from '../scenario.ts'
import type { Trial } from '../trial.ts'

/**
 * After Acto (Gu et al., SOSP 2023): where an operator leads must not depend on where it comes from. A sample of
 * operator/reconcile/transition.test.ts, of which `make faults` runs a thousand pairs.
 */
interface Pair {
  before: AnySpec
  after: AnySpec
}

/** Pairs at a time, in a namespace of their own. */
const width = 50

/** Without objects that have no member: of one that was emptied by an edit server-side apply makes a null. */
const pruned = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([name, member]) => [name, pruned(member)] as const)
  const left = members.filter(([, member]) => member !== undefined)
  return (left.length === 0 ? undefined : Object.fromEntries(left)) as T
}

/**
 * Without the only edit that takes long here: a drain without a consumer to ask takes its whole deadline.
 * operator/reconcile/transition.test.ts has it, in a cluster in memory, and the drain is a life of crash.ts.
 */
const pairs = fc.tuple(validSpecs, validSpecs).map(([before, wanted]) => {
  const after = asEditOf(before, wanted)
  return { before: pruned(before), after: pruned({ ...after, suspend: after.suspend && before.suspend }) }
})

type Reported = PipelineObject & { status?: { conditions?: Condition[] } }

/** Whether a pass has applied all that this generation of the pipeline wants; there are no pods to be waited for. */
const isApplied = ({ metadata, status }: Reported): boolean => {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  const applied = ['RollingOut', 'Unavailable', 'Ready', 'Suspended'].includes(ready?.reason ?? '')
  return applied && ready?.observedGeneration === metadata.generation
}

const childrenOf = ['kafkatopics', 'deployments', 'services']
const without = ['annotations', 'clusterIP', 'clusterIPs', 'managedFields']

/** The objects of the namespace, by the name of their pipeline. */
const look = async (trial: Trial): Promise<Map<string, KubernetesObject[]>> => {
  const lists = await Promise.all(['clickstreampipelines', ...childrenOf].map((plural) => trial.list(plural)))
  const nameOf = ({ metadata }: KubernetesObject) =>
    metadata.labels?.['clickstream.dev/pipeline'] ?? metadata.name
  return Map.groupBy(lists.flat(), nameOf)
}

/** What the spec decides of a pipeline's objects, as if it were called `x`. */
const essences = (objects: readonly KubernetesObject[], name: string, spec: AnySpec): unknown => {
  const roles = ['producer', 'processor', 'consumer'] as const
  const isScaled = (object: KubernetesObject) =>
    roles.some((role) => object.metadata.name === `${name}-${role}` && spec[role].autoscaled)
  const texts = objects.map((object) =>
    JSON.stringify(essence(object, { isScaled: isScaled(object), without })).replaceAll(name, 'x'),
  )
  return texts.sort()
}

/** Edits pipelines, makes others as they are then, and waits until both have the same. */
const transit = async (trial: Trial, batch: readonly Pair[]): Promise<void> => {
  const applied = (names: readonly string[]) =>
    until(
      `${names[0]} and the others applied`,
      async () => {
        const list = (await trial.list('clickstreampipelines')) as Reported[]
        return names.every((name) => list.some((one) => one.metadata.name === name && isApplied(one)))
      },
      { deadline: 240_000, every: 500 },
    )
  const named = (kind: string) => batch.map((_, i) => `${kind}-${i}`)
  for (const [i, { before }] of batch.entries()) await trial.put(before, `edited-${i}`)
  await applied(named('edited'))
  for (const [i, { after }] of batch.entries()) {
    await trial.put(after, `edited-${i}`)
    await trial.put(after, `fresh-${i}`)
  }
  await applied([...named('edited'), ...named('fresh')])
  const objects = await look(trial)
  for (const [i, { before, after }] of batch.entries()) {
    const of = (name: string) => essences(objects.get(name) ?? [], name, after)
    assert.deepEqual(of(`edited-${i}`), of(`fresh-${i}`), JSON.stringify([before, after]))
  }
}

/** No pod comes: after half a minute each status says where that shows, and then nothing new for minutes. */
const hinted = async (trial: Trial): Promise<void> => {
  let left: string[] = []
  const look = async () => {
    const list = (await trial.list('clickstreampipelines')) as Reported[]
    left = list.flatMap(({ metadata: { name }, status }) =>
      (status?.conditions ?? [])
        .filter(({ reason, message }) => reason === 'RollingOut' && !message.includes('kubectl logs'))
        .map(({ type, message }) => `${name} ${type}: ${message}`),
    )
    return left.length === 0
  }
  const what = 'the command that shows why pods do not come'
  await until(what, look, { deadline: 60_000, every: 500 }).catch(() => assert.deepEqual(left, [], what))
}

/** Takes the pipelines away; what they leave is none of the next batch. */
const clear = async (trial: Trial): Promise<void> => {
  const path = `/apis/clickstream.dev/v1alpha1/namespaces/${trial.namespace}/clickstreampipelines`
  await trial.stage.world.admin.request({ method: 'DELETE', path })
  await until('no Deployments', async () => (await trial.list('deployments')).length === 0, {
    deadline: 60_000,
    every: 500,
  })
}

export const transitions: Scenario = {
  fault: 'pipelines edited from any valid spec to any other',
  expected:
    'each time the objects of a pipeline made with the other spec, within 4 min for 50 at a time; a second pass writes nothing',
  alone: 'long',
  async run(given) {
    const all = fc.sample(pairs, given.long ? 500 : 10)
    const counts = { requests: 0, writes: 0 }
    const start = performance.now()
    for (let i = 0; i < all.length; i += width) {
      await within({ ...given, namespace: `${given.namespace}-${i}` }, async (trial) => {
        await trial.start()
        await transit(trial, all.slice(i, i + width))
        counts.requests += trial.proxy.since(0).length
        counts.writes += trial.proxy.writes().length
        await hinted(trial)
        await trial.secondPass()
        await clear(trial)
      })
    }
    const took = seconds(performance.now() - start)
    const most = 70 * all.length
    assert.ok(counts.writes <= most, `${counts.writes} writes`)
    return `${all.length} pairs in ${took}; ${counts.requests} requests, ${counts.writes} writes of ${most}`
  },
}
