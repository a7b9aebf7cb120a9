import type { Condition, KubernetesObject, PipelineObject } from '../../operator/api/kubernetes.ts'

const firstDifference = (one: string, other: string): number => {
  let at = 0
  while (at < one.length && one[at] === other[at]) at += 1
  return at
}

/** Each object that differs, from where it begins to do so. */
export const difference = (found: string, expected: string): string[] => {
  const [ours, theirs] = [found.split('\n'), expected.split('\n')]
  const only = ours.filter((line) => !theirs.includes(line))
  const missing = theirs.filter((line) => !ours.includes(line))
  return Array.from({ length: Math.max(only.length, missing.length) }, (_, i) => {
    const [one = 'nothing', other = 'nothing'] = [only[i], missing[i]]
    const at = Math.max(0, firstDifference(one, other) - 40)
    return `${one.slice(0, 60)} … found ${one.slice(at, at + 160)}, expected ${other.slice(at, at + 160)}`
  })
}

/** An object without what differs from run to run. */
export const lasting = ({ kind, metadata, ...rest }: KubernetesObject): object => {
  const { spec, status } = rest as unknown as {
    spec: object
    status?: PipelineObject['status'] & { conditions?: Condition[] }
  }
  const own = metadata.ownerReferences?.map(({ kind, name }) => `${kind} ${name}`)
  return {
    kind,
    name: metadata.name,
    labels: metadata.labels,
    finalizers: metadata.finalizers,
    own,
    spec: 'clusterIP' in spec ? { ...spec, clusterIP: '', clusterIPs: [] } : spec,
    ...(kind === 'clickstreampipelines' && { conditions: said(status?.conditions) }),
  }
}

const said = (conditions: Condition[] = []): string[] =>
  conditions.map(({ type, status, reason }) => `${type}=${status} ${reason}`)

type Counted = KubernetesObject & {
  spec: { replicas: number }
  status?: Record<string, { replicas?: number } | undefined> & {
    observedGeneration?: number
    replicas?: number
    updatedReplicas?: number
  }
}

/** Whether the controller of Deployments has made the pods that are wanted, and each pipeline says how many there are. */
export const isTold = (
  pipelines: readonly KubernetesObject[],
  deployments: readonly KubernetesObject[],
): boolean =>
  (deployments as Counted[]).every(({ metadata, spec, status }) => {
    const { observedGeneration, replicas = 0, updatedReplicas = 0 } = status ?? {}
    const role = metadata.labels?.['app.kubernetes.io/component'] ?? ''
    const pipeline = (pipelines as Counted[]).find(
      ({ metadata: { name } }) => metadata.name === `${name}-${role}`,
    )
    // Of more than one it makes the first, and the next when that is ready.
    const isMade = observedGeneration === metadata.generation && updatedReplicas >= Math.min(1, spec.replicas)
    return isMade && (pipeline === undefined || pipeline.status?.[role]?.replicas === replicas)
  })

/** After half a minute the status says where it shows why pods do not come: soon time alone changes it, on a busy machine too. */
export const hintIsDue = (object: KubernetesObject): boolean => {
  const { conditions = [] } = (object as { status?: { conditions?: Condition[] } }).status ?? {}
  return conditions.some(({ type, reason, message, lastTransitionTime }) => {
    if (!type.endsWith('Available') || reason !== 'RollingOut' || message.includes('kubectl logs'))
      return false
    return Date.now() - Date.parse(lastTransitionTime) > 15_000
  })
}

/** What was told of pipelines, as `Normal TopicsReady shop`: a line for each time. */
export const told = (events: readonly KubernetesObject[]): string[] =>
  (events as (KubernetesObject & Told)[])
    .filter(({ regarding }) => regarding.kind === 'ClickstreamPipeline')
    .flatMap(({ type, reason, regarding, series: { count } = { count: 1 } }) =>
      Array.from({ length: count }, () => `${type} ${reason} ${regarding.name}`),
    )
    .sort()

/** events.k8s.io/v1, as far as it is compared. */
interface Told {
  type: string
  reason: string
  regarding: { kind: string; name: string }
  series?: { count: number }
}
