import { milliseconds } from '../api/duration.ts'
import type { Deployment } from '../api/kubernetes.ts'
import {
  type Pipeline,
  previousConditions,
  previousFlow,
  previousStatus,
  previousSuspension,
} from '../api/pipeline.ts'
import type { Suspension } from '../api/status.ts'
import type { Summary } from '../../runtime/summary.ts'
import { type Role, roles } from '../../runtime/settings.ts'
import { type Fact, fact } from './fact.ts'
import { haltOf, longest, type Reading, type Seen } from './flow.ts'
import type { Observed } from './observed.ts'

const second = 1_000
/** A reading this long after the last producer knows its last events: its shutdown, and the consumer's own interval. */
const settleTime = 30 * second
/** However long the windows are, the processors are not kept for longer than this. */
const mostPatience = 1_800 * second

/**
 * How far the suspension of a pipeline is; undefined while it is not suspended. The event source stops first, then the
 * processors have time to count every event and to publish the last window, then all pods stop. Once it is said
 * whether the data were drained, it stays said.
 */
export const suspensionOf = (
  pipeline: Pipeline,
  observed: Observed,
  { seen, now }: { seen: Seen; now: number },
): Suspension | undefined => {
  if (!pipeline.spec.suspend) return undefined
  const before = standing(observed)
  if (before?.drained !== undefined) return before
  const at = new Date(now).toISOString()
  const since = before?.since ?? at
  if (before === undefined && roles.every((role) => isStopped(observed.deployments[role]))) {
    return { since, drained: true }
  }
  const source = observed.deployments.producer
  const stopped = before?.sourceStopped ?? (isStopped(source) ? at : undefined)
  const sourceStopped = runs(source) ? undefined : stopped
  const begun = { since, ...(sourceStopped !== undefined && { sourceStopped }) }
  const newest = isReading(seen) ? seen : undefined
  if (sourceStopped !== undefined && newest !== undefined) {
    const settled = newest.at >= Date.parse(sourceStopped) + settleTime
    if (settled && isDrained(pipeline, newest.summary)) return { ...begun, drained: true }
  }
  const isHalted = newest !== undefined && haltOf(observed.pipeline, newest.summary) !== undefined
  const hopeless = sourceStopped !== undefined && (isHalted || isStopped(observed.deployments.processor))
  if (!hopeless && now < drainDeadline(pipeline, since)) return begun
  const countedUpTo = (newest?.summary.lastWindow ?? previousFlow(observed.pipeline)?.lastWindow)?.end
  return { ...begun, drained: false, ...(countedUpTo !== undefined && { countedUpTo }) }
}

/**
 * The suspension that the status tells of, unless it has ended since and the status does not say so: a resumption whose
 * writer died before its status leaves Deployments that shall have pods which a suspension takes away.
 */
const standing = ({ pipeline, deployments }: Observed): Suspension | undefined => {
  const { suspension: before, observedGeneration } = previousStatus(pipeline) ?? {}
  if (observedGeneration === pipeline.metadata.generation) return before
  const without = before?.drained === undefined ? (['producer'] as const) : roles
  return without.some((role) => (deployments[role]?.spec.replicas ?? 0) > 0) ? undefined : before
}

/**
 * What the status keeps of it. One that was not drained stays said until processors run again: a resumption that topics hold
 * up counts nothing, and a suspension after it finds no pods, which is not to have drained.
 */
export const keptSuspension = (
  suspension: Suspension | undefined,
  { pipeline, deployments }: Observed,
): Suspension | undefined => {
  const before = previousSuspension(pipeline)
  const stays = before?.drained === false && isStopped(deployments.processor)
  return suspension ?? (stays ? before : undefined)
}

/**
 * Roles that shall have no pods now, whatever their replicas. Processors that ran stop only when the verdict on the data
 * stands in the status: a pass that ends between the two must not find stopped processors and no verdict.
 */
export const stoppedRoles = (suspension: Suspension | undefined, observed: Observed): ReadonlySet<Role> => {
  if (suspension === undefined) return new Set()
  const before = previousSuspension(observed.pipeline)
  const isWritten = before === undefined || before.drained !== undefined
  return new Set(suspension.drained !== undefined && isWritten ? roles : ['producer'])
}

/** Whether no pods ran when the suspension began: only then a pipeline is drained without a source that stopped. */
export const hadNoPods = ({ drained, sourceStopped }: Suspension): boolean =>
  drained === true && sourceStopped === undefined

const drainedMessages = {
  counted: 'drained: true. Every event is counted and its windows are out; no pods run. The topics stay.',
  hadNoPods:
    'drained: true. No pods ran, so nothing was left to drain. How many events wait is not known: they are counted when ' +
    'the pipeline resumes, for as long as Kafka keeps them. The topics stay.',
}

/** What the condition Suspended says. */
export const suspendedFact = (
  pipeline: Pipeline,
  observed: Observed,
  suspension: Suspension | undefined,
): Fact => {
  if (suspension === undefined) return fact('False', 'NotSuspended')
  const { since, sourceStopped, drained } = suspension
  if (drained === undefined) {
    if (sourceStopped === undefined) return fact('False', 'Suspending')
    const until = new Date(drainDeadline(pipeline, since)).toISOString()
    const message = `the processors count what waits and publish the last window, until ${until} at the latest`
    return fact('False', 'Draining', message)
  }
  // Pods that were stopped stay so when their template is edited, also before the Deployment controller has seen it.
  const before = previousConditions(observed.pipeline).find(({ type }) => type === 'Suspended')
  const hasPods = before?.status === 'True' ? runs : (deployment?: Deployment) => !isStopped(deployment)
  if (roles.some((role) => hasPods(observed.deployments[role]))) return fact('False', 'Suspending')
  if (!drained) return fact('True', 'NotDrained')
  return fact('True', 'Drained', drainedMessages[hadNoPods(suspension) ? 'hadNoPods' : 'counted'])
}

/** When a drain ends at the latest, in milliseconds since the epoch. */
const drainDeadline = (pipeline: Pipeline, since: string): number =>
  (Date.parse(since) || 0) + settleTime + Math.min(longest(pipeline), mostPatience)

/** Whether a Deployment has no pods and will make none, as its controller says; absent, or not seen yet, it has none. */
const isStopped = (deployment: Deployment | undefined): boolean => {
  if (deployment === undefined) return true
  const { metadata, status = {} } = deployment
  return !runs(deployment) && [undefined, metadata.generation].includes(status.observedGeneration)
}

/** Whether a Deployment has pods or shall have some, such as a source that somebody scaled up again. */
const runs = (deployment: Deployment | undefined): boolean =>
  deployment !== undefined && (deployment.spec.replicas !== 0 || (deployment.status?.replicas ?? 0) > 0)

const isReading = (seen: Seen): seen is Reading => typeof seen === 'object'

/** Whether every event is counted, and the last window that holds one of them is out. */
const isDrained = (pipeline: Pipeline, { lag, newestEvent, lastWindow }: Summary): boolean => {
  if (lag !== 0 || newestEvent === undefined) return false
  if (newestEvent === null) return true
  return lastWindow !== null && Date.parse(lastWindow.end) >= lastEnd(pipeline, Date.parse(newestEvent))
}

/** The end of the last window that holds an event of this time. */
const lastEnd = ({ spec }: Pipeline, time: number): number => {
  const { size, slide = size } = spec.processor.window
  const [sizeMs = 0, slideMs = second] = [size, slide].map((text) => milliseconds(text))
  return Math.floor(time / slideMs) * slideMs + sizeMs
}
