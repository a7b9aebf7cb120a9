import * as z from 'zod'
import { flow } from './flow.ts'

/** The status of a ClickstreamPipeline: the one home of its fields, of the condition types and of the reasons. */

/** Every condition, with what it says when it is True. `Ready` is derived from the others and never set by hand. */
export const conditionMeanings = {
  Ready: 'Topics are ready and all wanted pods are available, for the newest generation of the spec.',
  TopicsReady: 'Kafka has the four topics of the pipeline as the spec wants them.',
  ProducerAvailable: 'All wanted producer pods are available.',
  ProcessorAvailable: 'All wanted processor pods are available.',
  ConsumerAvailable: 'All wanted consumer pods are available.',
  Flowing:
    'Results arrive: the newest window is as young as slide, grace and idleTimeout allow. It makes ' +
    'Ready false only when the processors have stopped for good (Halted): pods and topics can be well while no event comes.',
  Reconciling: 'Work towards the newest generation of the spec is under way. It needs no help.',
  Stalled: 'Something stands in the way that the operator cannot clear. What runs goes on running.',
  Suspended:
    'spec.suspend is true and no pods run. Its reason says whether the data were drained: every event counted and the ' +
    'last window out, or no pods that could have left something undone.',
  DataExpiring:
    'While the pipeline is suspended time runs out for something that it needs: events that are not counted yet, or ' +
    'the positions of its processors. The message says when. Unknown where no pods ran that told what waits.',
} as const
export type ConditionType = keyof typeof conditionMeanings

/** In the order in which they are shown. */
export const conditionTypes: readonly ConditionType[] = [
  'Ready',
  'TopicsReady',
  'ProducerAvailable',
  'ProcessorAvailable',
  'ConsumerAvailable',
  'Flowing',
  'Reconciling',
  'Stalled',
  'Suspended',
  'DataExpiring',
]

/** Every reason a condition can have, with what it means and what to do. */
export const reasons = {
  Ready: 'Every topic is ready and every pod that shall run is available.',
  TopicsReady: 'Kafka has every topic of the pipeline as this generation of the spec wants it.',
  TopicsNotReady:
    'A topic is missing in Kafka, or not yet as the spec wants it. Mind that a Topic Operator must watch the namespace.',
  TopicRefused:
    'The Topic Operator refused a topic; the message has its words, and kubectl describe kafkatopic shows more. ' +
    'Usual causes: more replicas than brokers, a change of replicas, a Kafka that is out of reach. Or an annotation tells it ' +
    'to leave a topic alone; the message has the command that removes it.',
  TopicsGrowing: 'Partitions are being added: the topics that results pass through first, the events last.',
  TopicKindMissing:
    'The cluster serves no KafkaTopic kind. Install Strimzi, or the topic controller of this project: ' +
    'kubectl apply -k config/without-strimzi',
  Available: 'The pods that shall run are running and ready.',
  ScaledToZero: 'The spec wants no pods of this role.',
  RollingOut: 'Pods are being started, replaced or stopped, since somebody asked for it.',
  Unavailable:
    'Pods cannot be made, are not ready, or are not replaced since somebody paused their Deployment. The message has the ' +
    'command that says why, or cures it; kubectl describe deployment, and describe pods, say more.',
  ProgressDeadlineExceeded:
    'For five minutes pods were not all available, or a rollout came no further. Pods that were ready go on. The message ' +
    'has the command that says why. Usual causes: brokers that do not answer (spec.kafka.bootstrapServers), a quota, an ' +
    'image that cannot be pulled, no room on the nodes.',
  WaitingForTopics: 'Pods start when every topic is ready. See TopicsReady.',
  Flowing: 'The newest window is as young as the windows of this pipeline can be.',
  NotObserved:
    'Nothing can be said of the data: the pipeline is new, was resumed just now, is suspended or has no consumer, or ' +
    "the operator cannot read the consumer's Service. The message says which.",
  NoResults:
    'No window has come out yet, though the pods have had the time. kubectl logs of the processor, and of the ' +
    'producer, say why.',
  NoEvents: 'Every event is counted and no new ones come, so that no window comes out: see the producer.',
  Behind:
    'The newest window is older than it should be while events wait, or nobody knows how many. See kubectl logs of ' +
    'the processor; more processors help when it cannot keep up.',
  Halted:
    'The processors have stopped, since to go on from where they are would give wrong results. The message names the ' +
    'partition and the cure: a person has to decide. docs/runbooks/ClickstreamWorkStopped.md has more.',
  Progressing: 'The operator or the cluster is still working towards this generation of the spec.',
  Settled: 'There is nothing left to do for this generation of the spec.',
  NotStalled: 'Nothing stands in the way.',
  InvalidSpec:
    'The spec breaks a rule, so that nothing was changed. The message names the field and the cure.',
  NameConflict:
    'An object with a name that the pipeline needs belongs to somebody else and was left alone. Delete or rename ' +
    'that object, or give the pipeline another name. A KafkaTopic that a deleted pipeline of this name left on another Kafka, ' +
    'or whose spec.topicName names another topic, is such an object too.',
  Conflict:
    'The topics of this pipeline are those of another in the same Kafka: a pipeline of its name in another namespace is ' +
    'older, another KafkaTopic has one of them, or Kafka had topics of these names that were not made for it. They are ' +
    'not touched, and no pods of this pipeline are started. Give it another name. The operator sees the pipelines in the ' +
    'namespaces that it serves; our topic controller sees every topic in Kafka, and Strimzi takes over any.',
  Refused:
    'The API server refused an object of the pipeline; the message has its words. A quota, an admission policy or ' +
    'missing rights of the operator are the usual causes. Or it kept an object otherwise than it was applied, since a mutating ' +
    'admission webhook or a policy changes it: the message names the field. It is tried again, at most five minutes apart.',
  Suspended: 'spec.suspend is true: no pods run. The topics stay.',
  Drained:
    'drained: true. Every event is counted and its windows are out, or no pods ran, so that nothing was left to drain: the ' +
    'message says which. No pods run. The topics stay.',
  NotDrained:
    'drained: false. The pods were stopped before it was known that every event is counted and its windows are out: ' +
    'no processor ran or could go on, no consumer told, or the time for it was over. Nothing is lost: what waits is counted when the ' +
    'pipeline resumes, for as long as Kafka keeps it (see DataExpiring).',
  Suspending: 'spec.suspend is true: pods are being stopped, the event source first.',
  Draining:
    'spec.suspend is true and the event source is stopped: the processors go on until every event is counted and the ' +
    'last window is out. The message says for how long at most.',
  NotSuspended: 'spec.suspend is false.',
  Kept: 'Kafka keeps what the suspended pipeline needs for more than half of its time yet. The message says until when.',
  CountedEventsExpire:
    'Less than half of the time is left until Kafka has deleted the events of the suspended pipeline. All of them are ' +
    'counted: no result is lost.',
  Expiring:
    'Less than half of the time is left until Kafka deletes what the suspended pipeline needs, or nobody knows how much; ' +
    'the message says what and when. Set spec.suspend to false before, so that the processors catch up, or raise topics.events.retention.',
  Expired:
    'Kafka may have deleted what the suspended pipeline needs; the message says what. If its processors cannot go on ' +
    'without it, the pipeline is Halted when it resumes, and says what to do.',
} as const
export type Reason = keyof typeof reasons

/** The events of a pipeline that are not reasons of conditions too, with what they say. */
export const eventReasons = {
  NotReady:
    'Ready was True and is no more, or pods that were on their way turned out to be unavailable; the message begins ' +
    'with the reason. Normal when an edit asked for it, else a warning.',
  Resumed: 'The pipeline was suspended and runs again.',
  WindowChanged:
    'The window of the processor was edited. What is published stays; the new windows begin where it ends, and the first of ' +
    'them may be cut there: its result has "clipped": true.',
  TopicRecreated:
    'A KafkaTopic of the pipeline was deleted by somebody and made again by the operator. The records of the topic went ' +
    'with it. When positions of the processors are left that do not fit the new topic, they stop: the pipeline is Halted, ' +
    'and says how to begin anew.',
  DeletingTopics:
    'The pipeline is being deleted and deletionPolicy is Delete: its topics go, and the data in them.',
  TopicsLeft:
    'Topics of the deleted pipeline were not gone in time, so it went without them: is a Topic Operator running? The ' +
    'event names those that are marked for deletion, and those whose deletion was refused, which stay until somebody deletes ' +
    'them.',
} as const

/** An event has a reason of its own, or that of the condition which changed. */
export type EventReason = Reason | keyof typeof eventReasons

/** Characters of a condition's message, at most. */
export const longestMessage = 4_096

const condition = z.object({
  type: z.string().max(63),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string().max(63).describe('One word, listed in docs/conditions.md.'),
  message: z.string().max(longestMessage).describe('What is so, which object to look at, and what to do.'),
  lastTransitionTime: z.string().max(32).describe('When the status last changed.'),
  observedGeneration: z.int().min(0).optional(),
})

const role = z
  .object({
    replicas: z.int().describe('Pods that exist.').optional(),
    readyReplicas: z.int().describe('Pods that are ready.').optional(),
    selector: z.string().max(512).describe('Label selector of the pods.').optional(),
    ready: z.string().max(32).describe('Ready pods and wanted pods, as 2/3.').optional(),
  })
  .optional()

const topic = z
  .object({
    name: z.string().max(249).describe('Name of the KafkaTopic and of the topic in Kafka.'),
    partitions: z.int().describe('Partitions that the spec wants.'),
    ready: z.boolean().describe('Whether Kafka has the topic as the spec wants it.'),
    uid: z
      .string()
      .max(64)
      .describe('UID of the KafkaTopic: another one is another topic, which began empty.')
      .optional(),
  })
  .optional()

const instant = (description: string) => z.string().max(32).describe(description)

const window = z
  .object({
    size: z.string().max(32).describe('Its length, as the spec says it.'),
    slide: z.string().max(32).describe('From the start of one window to that of the next.'),
    generation: z.int().min(0).describe('The generation of the pipeline that set it; the results name it.'),
  })
  .describe(
    'The window of the processors. It is kept here as well as in their Deployment, which can be deleted.',
  )

const suspension = z
  .object({
    since: instant('When the operator began to suspend the pipeline.'),
    sourceStopped: instant(
      'When no producer was left. Absent until then, when one runs again, and where no pods ran at all.',
    ).optional(),
    drained: z
      .boolean()
      .describe(
        'Whether every event was counted and the last window out when the processors were stopped, or no pods ran at ' +
          'all. Absent until then.',
      )
      .optional(),
    countedUpTo: instant('Unless drained: every event before it is counted. Absent when unknown.').optional(),
  })
  .describe(
    'How far the suspension is. Absent while spec.suspend is false; one that was not drained stays until processors run ' +
      'again.',
  )

export const Status = z
  .object({
    observedGeneration: z
      .int()
      .default(-1)
      .describe(
        'The generation of the spec that this status speaks of; -1 before the operator has seen the object.',
      ),
    conditions: z
      .array(condition)
      .max(16)
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] })
      .optional(),
    topics: z.object({ events: topic, panes: topic, metrics: topic, dlq: topic }).optional(),
    producer: role,
    processor: role,
    consumer: role,
    window: window.optional(),
    flow: flow.optional(),
    suspension: suspension.optional(),
  })
  .prefault({})
  .describe('What the operator observed.')

export type Status = z.output<typeof Status>
export type Flow = NonNullable<Status['flow']>
export type Suspension = NonNullable<Status['suspension']>
export type RoleStatus = NonNullable<Status['producer']>
export type TopicStatus = NonNullable<NonNullable<Status['topics']>['events']>
