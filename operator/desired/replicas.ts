import type { Deployment } from '../api/kubernetes.ts'
import type { Pipeline } from '../api/pipeline.ts'
import type { Role } from '../../runtime/settings.ts'
import { appliedAnnotation } from './names.ts'

/** How many pods a role shall have now. */
export interface Scale {
  replicas: number
  /** Where none shall run by our word: what an autoscaler had set, to begin with again; 0 where none had. */
  resumeWith?: number
}

/**
 * On a Deployment that has no pods since the spec said so: what an autoscaler had set before, 0 where none sets the replicas.
 * It tells our zero, which no autoscaler ends, from that of an autoscaler, which is not ours to end. The hash of what was
 * applied repeats it. That one is ours again at every write: where it does not, somebody else wrote the number, and it counts
 * for nothing.
 */
export const resumeAnnotation = 'clickstream.dev/resume-replicas'

/** How the hash on an object with these annotations ends. */
export const resumeMark = ({ [resumeAnnotation]: number }: Record<string, string>): string =>
  number === undefined ? '' : `-${number}`

interface ScaleContext {
  /** Roles that shall have no pods now, whatever the spec says. */
  stopped: ReadonlySet<Role>
  /** Whether the status says that all roles were stopped. */
  isSuspended: boolean
  /** The Deployments as they are. */
  deployments: Partial<Record<Role, Deployment>>
}

/** The scale of each role: an autoscaler's number is kept as it is, else the spec's holds. */
export const scales = (pipeline: Pipeline, context: ScaleContext): Record<Role, Scale> => ({
  producer: scale(pipeline, 'producer', context),
  processor: scale(pipeline, 'processor', context),
  consumer: scale(pipeline, 'consumer', context),
})

const scale = (
  pipeline: Pipeline,
  role: Role,
  { stopped, isSuspended, deployments }: ScaleContext,
): Scale => {
  const { autoscaled, replicas } = pipeline.spec[role]
  const isStopped = stopped.has(role)
  if (!autoscaled) return isStopped || replicas === 0 ? { replicas: 0, resumeWith: 0 } : { replicas }
  const before = deployments[role]
  const found = before?.spec.replicas ?? replicas
  const remembered = resumedWith(before, isSuspended)
  if (isStopped) return { replicas: 0, resumeWith: remembered || found || replicas }
  if (found > 0) return { replicas: found } // An older revision may have brought its annotations along: our zero has no pods.
  const isOurs = before === undefined || remembered !== undefined
  const begin = isOurs ? remembered || replicas : 0
  return isOurs && begin === 0 ? { replicas: 0, resumeWith: 0 } : { replicas: begin }
}

const resumedWith = (deployment: Deployment | undefined, isSuspended: boolean): number | undefined => {
  const { annotations = {} } = deployment?.metadata ?? {}
  const { [resumeAnnotation]: text = '', [appliedAnnotation]: applied = '' } = annotations
  // Versions without the mark stopped a Deployment so. Ours mark it as soon as they see it.
  const isOlder = isSuspended && deployment?.spec.replicas === 0 && !applied.includes('-')
  const isOurs = /^\d{1,4}$/.test(text) && (isOlder || applied.endsWith(resumeMark(annotations)))
  return isOurs ? Number(text) : undefined
}
