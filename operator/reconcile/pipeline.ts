import type { Logger } from 'pino'
import type { Condition, PipelineObject } from '../api/kubernetes.ts'
import {
  parsePipeline,
  type Pipeline,
  previousStatus,
  previousSuspension,
  previousWindow,
} from '../api/pipeline.ts'
import type { Suspension } from '../api/status.ts'
import { children, type Children } from '../desired/children.ts'
import { windowGeneration } from '../desired/deployments.ts'
import { scales } from '../desired/replicas.ts'
import { conditions, facts, type Facts, invalidFacts } from '../decide/conditions.ts'
import { rewrittenField } from '../decide/difference.ts'
import { expiring } from '../decide/expiry.ts'
import { flowStatus, type Seen } from '../decide/flow.ts'
import { happenings, recreations, windowChanges } from '../decide/happenings.ts'
import { type Observed, owned } from '../decide/observed.ts'
import { type Block, plan, type Step } from '../decide/plan.ts'
import { podsOf } from '../decide/pods.ts'
import { keptSuspension, stoppedRoles, suspendedFact, suspensionOf } from '../decide/suspension.ts'
import { type Counted, kept, summary } from '../decide/summary.ts'
import {
  type Cluster,
  ClusterFault,
  type ClusterFaultReason,
  type Outcome,
  type Reconcile,
} from './cluster.ts'
import { observe } from './observe.ts'
import type { Recorder } from './recorder.ts'
import { report } from './report.ts'
import { keepFinalizer, retire } from './retire.ts'

/** What a pass over a pipeline needs from outside. */
export interface PipelineContext {
  cluster: Cluster
  /** The image that the pods of every pipeline run. */
  runtimeImage: string
  logger: Logger
  /** Milliseconds since the epoch. */
  now: () => number
  /** What the consumer of the pipeline said last. */
  seen: (object: PipelineObject) => Seen
  recorder: Recorder
}

/** How long until a pass looks again at what no watch tells, in milliseconds. */
const topicKindRecheck = 10_000
const resync = 600_000
const drainRecheck = 5_000
/** How long nothing is applied again that did not stay as it was applied, in milliseconds. */
const rewrittenRecheck = 10_000

/** Makes a pass over one pipeline: gather, decide, act, report. */
export const pipelineReconciler =
  (context: PipelineContext): Reconcile =>
  async (key) => {
    const observed = observe(context.cluster, key)
    if (observed === undefined) return { kind: 'done' }
    if (observed.pipeline.metadata.deletionTimestamp !== undefined) return retire(context, observed.pipeline)
    const parsed = parsePipeline(observed.pipeline)
    if (!parsed.ok) return refuse(context, observed, parsed.faults)
    return converge(context, parsed.pipeline, observed)
  }

const refuse = async (context: PipelineContext, observed: Observed, faults: string[]): Promise<Outcome> => {
  const { name, uid = '' } = observed.pipeline.metadata
  await reportFacts(context, observed.pipeline, {
    said: invalidFacts(faults),
    counted: kept(owned({ name, uid }, observed)),
  })
  return { kind: 'done' }
}

const converge = async (
  context: PipelineContext,
  pipeline: Pipeline,
  observed: Observed,
): Promise<Outcome> => {
  const { cluster } = context
  const [seen, now] = [context.seen(observed.pipeline), context.now()]
  const suspension = suspensionOf(pipeline, owned(pipeline, observed), { seen, now })
  const render = renderer(context, pipeline, suspension)
  const finalizer = await attempt(() => keepFinalizer(cluster, pipeline, observed.pipeline))
  const before = render(observed)
  const wanted = plan(pipeline, before, observed)
  const failures = [...finalizer, ...(await act(cluster, wanted.steps))]
  const isDone = wanted.steps.length === 0
  const after = isDone ? observed : (observe(cluster, pipeline) ?? observed)
  if (isAnother(after.pipeline, observed.pipeline)) return again(failures)
  const desired = isDone ? before : render(after)
  const left = isDone ? wanted : plan(pipeline, desired, after)
  const ours = owned(pipeline, after)
  const blocks = [...failures.flatMap(refusal), ...left.blocks, ...unfinished(failures, left.steps)]
  const { flowing, flow } = flowStatus(pipeline, after.pipeline, { seen, now })
  const { size, slide = size } = pipeline.spec.processor.window
  const suspended = suspendedFact(pipeline, ours, suspension)
  const expiry = expiring(pipeline, suspension, now)
  const pods = podsOf({ desired, observed: ours, suspended, now })
  const said = facts(desired, after, { blocks, pods, suspended, flowing, expiring: expiry.fact })
  const stays = keptSuspension(suspension, ours)
  const counted = {
    ...summary(pipeline, desired, ours),
    window: { size, slide, generation: generationOf(pipeline, after) },
    ...(flow && { flow }),
    ...(stays && { suspension: stays }),
  }
  await reportFacts(context, after.pipeline, { said, counted })
  const drain = suspension && suspension.drained === undefined ? drainRecheck : Infinity
  const next = Math.min(drain, expiry.changesIn, pods.changesIn)
  return outcome(failures, { steps: left.steps, after, next })
}

/** What was decided is of another spec than what would be told: it was edited, or made anew, while steps were done. */
const isAnother = ({ metadata: after }: PipelineObject, { metadata: before }: PipelineObject): boolean =>
  after.uid !== before.uid || after.generation !== before.generation

/** The children as they shall be, given what is observed of them. */
const renderer =
  (context: PipelineContext, pipeline: Pipeline, suspension: Suspension | undefined) =>
  (observed: Observed): Children =>
    children(pipeline, {
      image: context.runtimeImage,
      topicVersion: observed.topicVersion ?? 'v1',
      windowGeneration: generationOf(pipeline, observed),
      scales: scales(pipeline, {
        stopped: stoppedRoles(suspension, observed),
        isSuspended: previousSuspension(observed.pipeline)?.drained !== undefined,
        deployments: owned(pipeline, observed).deployments,
      }),
    })

const generationOf = (
  pipeline: Pipeline,
  { pipeline: object, deployments: { processor } }: Observed,
): number => windowGeneration(pipeline, { processor, known: previousWindow(object) })

/** Tries every step; one that fails does not keep the others from being tried. */
const act = async (cluster: Cluster, steps: Step[]): Promise<unknown[]> => {
  const failures = await Promise.all(steps.map((step) => attempt(() => apply(cluster, step))))
  return failures.flat()
}

/** Applies a step. One that somebody rewrites on its way would be repeated at each change that it makes: the next pass waits. */
const apply = async (cluster: Cluster, step: Step): Promise<void> => {
  const field = rewrittenField(step, await cluster.apply(step))
  if (field === undefined) return
  // Some cannot be exempted from, such as that of GKE Autopilot, which makes limits of requests.
  const cure = field.includes('.resources.')
    ? 'exempt it from that, or set in the spec of the pipeline what it makes of it'
    : 'exempt it from that'
  const message =
    `${step.kind} ${step.metadata.name} does not stay as it is applied: a mutating admission webhook or a policy ` +
    `changes its ${field}: ${cure}`
  throw new ClusterFault(message, { reason: 'Refused', retry: true, retryAfter: rewrittenRecheck })
}

const attempt = async (action: () => Promise<unknown>): Promise<unknown[]> => {
  try {
    await action()
    return []
  } catch (error) {
    return [error]
  }
}

const needsHelp: readonly ClusterFaultReason[] = ['Forbidden', 'Invalid', 'Refused', 'NamespaceTerminating']

/** What the API server refuses until somebody acts is said in the status, also when it is tried again. */
const refusal = (failure: unknown): Block[] =>
  failure instanceof ClusterFault && (!failure.retry || needsHelp.includes(failure.reason))
    ? [{ reason: 'Refused', message: failure.message, stalled: true }]
    : []

/** While something is still to be applied, what runs is not what this generation of the spec wants. */
const unfinished = ([failure]: unknown[], steps: Step[]): Block[] => {
  if (failure === undefined && steps.length === 0) return []
  const waiting = steps.map(({ kind, metadata }) => `${kind} ${metadata.name}`).join(', ')
  const message = failure instanceof Error ? failure.message : `to be applied: ${waiting}`
  return [{ reason: 'Progressing', message, stalled: false }]
}

const again = (failures: unknown[]): Outcome => {
  if (failures.length > 0)
    throw failures.length === 1 ? failures[0] : new AggregateError(failures, 'steps failed')
  return { kind: 'retry' }
}

const outcome = (
  failures: unknown[],
  { steps, after, next }: { steps: Step[]; after: Observed; next: number },
): Outcome => {
  if (failures.length > 0 || steps.length > 0) return again(failures)
  const recheck = after.topicVersion === undefined ? topicKindRecheck : resync
  return { kind: 'wait', after: Math.min(recheck, next) }
}

const reportFacts = async (
  { cluster, now, logger, recorder }: PipelineContext,
  object: PipelineObject,
  { said, counted }: { said: Facts; counted: Counted },
): Promise<void> => {
  const { conditions: previous = [], window, topics } = previousStatus(object) ?? {}
  const generation = object.metadata.generation ?? 0
  logReady(logger, object, { said, before: previous.find(({ type }) => type === 'Ready') })
  await report(cluster, object, {
    observedGeneration: generation,
    conditions: conditions(said, { previous, generation, now: new Date(now()).toISOString() }),
    ...counted,
  })
  // Told once it is written: a pass that fails before finds the same change again.
  const told = [
    ...happenings(previous, said),
    ...windowChanges(window, counted.window),
    ...recreations(topics, counted.topics),
  ]
  for (const happening of told) recorder.record(object, happening)
}

/** One line for each change of what Ready says. */
const logReady = (
  logger: Logger,
  { metadata: { namespace, name } }: PipelineObject,
  { said: { Ready }, before }: { said: Facts; before: Condition | undefined },
): void => {
  if (before?.reason === Ready.reason && before.message === Ready.message) return
  const { status: ready, reason, message } = Ready
  logger.info({ pipeline: `${namespace}/${name}`, ready, reason, message }, 'readiness')
}
