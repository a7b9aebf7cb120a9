import * as z from 'zod'

/** The environment of the operator's two controllers: `operator` and `topics`. */

export const SharedSettings = z.object({
  /** The namespace to watch; `*` is all. */
  WATCH_NAMESPACE: z.string().min(1),
  /** The namespace it runs in: the Lease that elects one of several instances is there. */
  POD_NAMESPACE: z.string().min(1),
  HTTP_PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
})

export const OperatorSettings = SharedSettings.extend({
  /** The image of the pods of every pipeline. */
  RUNTIME_IMAGE: z.string().min(1),
})

export const TopicsSettings = SharedSettings.extend({
  /** The Kafka cluster whose topics are served: the value of their label strimzi.io/cluster. */
  KAFKA_CLUSTER: z.string().min(1),
  KAFKA_BOOTSTRAP_SERVERS: z.string().min(1),
})

/** The namespace to watch, undefined for all. */
export const watched = (namespace: string): string | undefined => (namespace === '*' ? undefined : namespace)
