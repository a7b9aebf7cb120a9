import type { Deployment, Key } from '../api/kubernetes.ts'
import { quoted } from './fact.ts'

/**
 * What is wrong with the pods of a Deployment: `changing` ones are being started, replaced or stopped; `lost` ones were
 * all available once, or are more than were; `failed` ones cannot be made; `paused` ones are not replaced, as somebody wanted;
 * `overdue` ones are so by the clock of the Deployment controller.
 */
export interface RolloutFlaw {
  kind: 'changing' | 'lost' | 'failed' | 'paused' | 'overdue'
  /** What the Deployment controller says of it. */
  words?: string | undefined
}

/** Undefined when all pods of this generation are available: never sooner than kstatus calls it Current. */
export const rolloutFlaw = ({ metadata, spec, status = {} }: Deployment): RolloutFlaw | undefined => {
  if (metadata.deletionTimestamp !== undefined) return { kind: 'changing' }
  const wanted = spec.replicas ?? 1
  const of = (type: string) => status.conditions?.find((condition) => condition.type === type)
  const failure = of('ReplicaFailure')
  if (failure?.status === 'True') return { kind: 'failed', words: failure.message }
  // Of a paused one its controller says neither that it progresses nor that it is complete.
  if (spec['paused'] === true) return { kind: 'paused' }
  const isSeen = status.observedGeneration === metadata.generation
  if (!isSeen || (status.updatedReplicas ?? 0) < wanted) return { kind: 'changing' }
  const progress = of('Progressing')
  if (progress?.status === 'False') return { kind: 'overdue', words: progress.message }
  const isComplete = progress?.status === 'True' && progress.reason === 'NewReplicaSetAvailable'
  if (isComplete && of('Available')?.status === 'True' && isExactly(wanted, status)) return undefined
  return { kind: isComplete && (status.availableReplicas ?? 0) < wanted ? 'lost' : 'changing' }
}

/** Whether there are as many pods as shall be, all of them new, ready and available. */
const isExactly = (wanted: number, status: NonNullable<Deployment['status']>): boolean =>
  [status.replicas, status.updatedReplicas, status.readyReplicas, status.availableReplicas].every(
    (count = 0) => count === wanted,
  )

/** Names the Deployment and counts its pods; when it takes long, also where those that are not ready say why. */
export const rolloutText = (
  deployment: Deployment,
  { kind, words }: RolloutFlaw,
  { isLong }: { isLong: boolean },
): string => {
  const { metadata, spec, status = {} } = deployment
  if (metadata.deletionTimestamp !== undefined) return `Deployment ${metadata.name} is being deleted`
  if (kind === 'failed') return `Deployment ${metadata.name}: ${quoted(words ?? '')}`
  if (kind === 'paused') return pausedText(metadata)
  const wanted = spec.replicas ?? 1
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0 } = status
  const begin = `Deployment ${metadata.name}: ${counted(availableReplicas, wanted)}`
  const said = words === undefined ? begin : `${begin} (${quoted(words)})`
  const unready = replicas - readyReplicas
  if (!isLong || (unready <= 0 && availableReplicas >= wanted)) return said
  const more = availableReplicas < wanted ? '' : `, ${unready} more ${unready === 1 ? 'is' : 'are'} not ready`
  return `${said}${more}; ${logsCommand(deployment)} says what they wait for`
}

const pausedText = ({ name, namespace }: Key): string =>
  `Deployment ${name} is paused, so its pods are not replaced: kubectl rollout resume deployment/${name} -n ${namespace}`

const counted = (available: number, wanted: number): string => {
  if (available > wanted) return `${available} pods run, ${wanted} shall`
  return available === wanted ? 'old pods are being replaced' : `${available} of ${wanted} pods are available`
}

/** The command that shows why: of several pods `kubectl logs deployment/…` shows one that is ready. */
const logsCommand = ({ metadata: { namespace, name }, spec, status }: Deployment): string => {
  if ((status?.readyReplicas ?? 0) === 0) return `kubectl logs -n ${namespace} deployment/${name}`
  const labels = Object.entries(spec.selector.matchLabels).map((pair) => pair.join('='))
  return `kubectl logs -n ${namespace} --prefix -l ${labels.join(',')}`
}
