import assert from 'node:assert/strict'
import { until } from '../../dev/until.ts'
import type { KafkaTopic } from '../../operator/api/kubernetes.ts'
import type { App } from '../../operator/kube/kinds.ts'
import { type Audited, blocking, usedBy } from '../live/audit.ts'
import { granted } from '../live/granted.ts'
import { namespace, type Stage } from '../live/stage.ts'

/**
 * The life of pipelines, as the API server's audit log saw it. The controllers run with the roles that config/ has:
 * what they use and what they may are the same.
 */

/** A flag of the API server: who writes an owner reference that blocks needs a right for that. */
export const enforcement = '--enable-admission-plugins=NodeRestriction,OwnerReferencesPermissionEnforcement'

const live = async (stage: Stage): Promise<void> => {
  const { admin } = stage.world
  const get = (path: string): Promise<unknown> => admin.request({ method: 'GET', path })
  const within = (group: string) => `/apis/${group}/namespaces/${namespace}`
  const shop = `${within('clickstream.dev/v1alpha1')}/clickstreampipelines/shop`
  const events = `${within('kafka.strimzi.io/v1')}/kafkatopics/shop-events`
  const gone = (path: string) =>
    until(`the end of ${path}`, () =>
      get(path).then(
        () => false,
        () => true,
      ),
    )
  const apply = (partitions: number) =>
    stage.apply({ name: 'shop', spec: { topics: { events: { partitions } }, deletionPolicy: 'Delete' } })
  await apply(2)
  await until('the pods', () => get(`${within('apps/v1')}/deployments/shop-consumer`))
  await until('the service', () => get(`/api/v1/namespaces/${namespace}/services/shop-consumer`))
  await apply(3)
  await until('more partitions', async () => {
    const { spec, status } = (await get(events)) as KafkaTopic
    return spec.partitions === 3 && status?.observedGeneration === 2
  })
  await admin.request({ method: 'DELETE', path: shop })
  await gone(shop)
  await gone(events)
}

/** What a controller asked the API server for. */
export const askedBy = (stage: Stage, app: App): Audited[] =>
  stage
    .audit()
    .filter(({ user }) => user.username === `system:serviceaccount:${namespace}:clickstream-${app}`)

/** Lives a life, in which each controller uses every right that its file gives, and no other. */
export const usesExactly = async (stage: Stage, files: Record<App, string>): Promise<void> => {
  const used = (app: App): string[] => usedBy(askedBy(stage, app))
  await live(stage)
  const renewal = 'patch coordination.k8s.io/leases'
  await until(
    'both leases to be renewed',
    () => used('operator').includes(renewal) && used('topics').includes(renewal),
  )
  assert.deepEqual([...used('operator'), blocking].sort(), granted(files.operator))
  assert.deepEqual(used('topics'), granted(files.topics))
  const asked = [...askedBy(stage, 'operator'), ...askedBy(stage, 'topics')]
  assert.deepEqual(
    asked.filter(({ responseStatus }) => responseStatus?.code === 403),
    [],
  )
}
