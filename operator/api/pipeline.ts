import * as z from 'zod'
import type { Condition, OwnerReference, PipelineObject } from './kubernetes.ts'
import { apiVersion, nameFault, type Schema, structural } from './crd.ts'
import { Spec } from './spec.ts'
import { type Flow, Status, type Suspension } from './status.ts'

/** A pipeline whose spec was parsed: every default is filled in. */
export interface Pipeline {
  name: string
  namespace: string
  uid: string
  generation: number
  /** When it was created, milliseconds since the epoch. */
  created: number
  /** The value of the annotation that restarts the pods, when it is set. */
  restartedAt?: string
  spec: Spec
}

/** On a pipeline: any new value restarts all its pods, the way an edit of their roles would. It reaches their template. */
export const restartAnnotation = 'clickstream.dev/restartedAt'

/** The parsed pipeline, or one sentence for each thing that is wrong, each naming its field. */
export type Parsed = { ok: true; pipeline: Pipeline } | { ok: false; faults: string[] }

/** Parses an object of the API server. Gives the verdict that the CustomResourceDefinition gives. */
export const parsePipeline = (object: PipelineObject): Parsed => {
  const named = nameFault(object.metadata.name)
  const parsed = Spec.safeParse(pruneNulls(object.spec, specSchema))
  if (named !== undefined || !parsed.success) {
    const issues = parsed.error?.issues ?? []
    const faults = issues.map((issue) => `${['spec', ...issue.path].join('.')}: ${issue.message}`)
    return { ok: false, faults: named === undefined ? faults : [named, ...faults] }
  }
  const { name, namespace, uid = '', generation = 0, creationTimestamp = '', annotations } = object.metadata
  const created = Date.parse(creationTimestamp) || 0
  const restartedAt = annotations?.[restartAnnotation]
  const pipeline = { name, namespace, uid, generation, created, spec: parsed.data }
  return { ok: true, pipeline: restartedAt === undefined ? pipeline : { ...pipeline, restartedAt } }
}

/** The Kafka of a pipeline, also of one whose spec breaks a rule elsewhere; undefined when it names none. */
export const kafkaOf = (
  object: PipelineObject,
): { cluster: string; bootstrapServers: string[] } | undefined => {
  const { data } = Kafka.safeParse(object.spec)
  return data && { cluster: data.kafka.cluster, bootstrapServers: bootstrapServers(data.kafka).split(',') }
}

const Kafka = z.object({
  kafka: z.object({ cluster: z.string(), bootstrapServers: z.string().nullish() }),
})

/** The brokers to connect to first, as `host:port[,host:port…]`. */
export const bootstrapServers = (kafka: { cluster: string; bootstrapServers?: string | null | undefined }) =>
  kafka.bootstrapServers ?? `${kafka.cluster}-kafka-bootstrap:9092`

const specSchema = structural(Spec)

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Drops the nulls of known fields, as the API server does before it fills in defaults. */
const pruneNulls = (value: unknown, schema: Schema): unknown => {
  if (!isObject(value) || schema.properties === undefined) return value
  const { properties } = schema
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, member]) => member !== null || properties[name] === undefined)
      .map(([name, member]) => [name, pruneNulls(member, properties[name] ?? {})]),
  )
}

/** The reference by which Kubernetes deletes a child together with its pipeline. */
export const ownerReference = (pipeline: Pipeline): OwnerReference => ({
  apiVersion,
  kind: 'ClickstreamPipeline',
  name: pipeline.name,
  uid: pipeline.uid,
  controller: true,
  blockOwnerDeletion: true,
})

/** The conditions that an object's status has; none when it has no status that we wrote. */
export const previousConditions = (object: PipelineObject): readonly Condition[] =>
  Status.safeParse(object.status ?? {}).data?.conditions ?? []

/** The flow that an object's status has. */
export const previousFlow = (object: PipelineObject): Flow | undefined =>
  Status.safeParse(object.status ?? {}).data?.flow

/** The suspension that an object's status has. */
export const previousSuspension = (object: PipelineObject): Suspension | undefined =>
  Status.safeParse(object.status ?? {}).data?.suspension

/** The window that an object's status has. */
export const previousWindow = (object: PipelineObject): Status['window'] =>
  Status.safeParse(object.status ?? {}).data?.window

/** The topics that an object's status has. */
export const previousTopics = (object: PipelineObject): Status['topics'] =>
  Status.safeParse(object.status ?? {}).data?.topics

/** The status that an object has; undefined when it is none that we wrote. */
export const previousStatus = (object: PipelineObject): Status | undefined =>
  Status.safeParse(object.status ?? {}).data
