import * as z from 'zod'

/**
 * The env contract between the operator, which writes these variables into the pods, and the runtime, which
 * reads them. One schema serves both sides: its input type is what the operator must give, its output what
 * the roles get.
 */

const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^-?\d{1,15}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().min(min).max(max))

const second = 1_000
const week = 7 * 24 * 3_600 * second
const milliseconds = (min: number) => integer(min, week)

const shared = {
  /** Name of the pipeline; topics and groups derive from it (names.ts). */
  PIPELINE: z.string().min(1).max(63),
  /** Namespace of the pipeline; part of every transactional id. */
  NAMESPACE: z.string().min(1).max(63),
  /** host:port[,host:port…] */
  KAFKA_BOOTSTRAP_SERVERS: z
    .string()
    .regex(/^[^\s,:]+:\d+(,[^\s,:]+:\d+)*$/, 'must be host:port[,host:port…]'),
  /** Port of /healthz, /readyz, /metrics and, on the consumer, the dashboard. */
  HTTP_PORT: integer(0, 65_535).default(8080),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
}

export const Producer = z.object({
  ...shared,
  /** Events per second of this pod. */
  RATE: integer(1, 50_000),
  /** Size of the population of visitors. */
  USERS: integer(1, 1_000_000),
  /** Name of this pod: with it each replica seeds its own traffic. */
  POD_NAME: z.string().min(1).default('producer'),
})

export const Processor = z.object({
  ...shared,
  WINDOW_SIZE_MS: milliseconds(second),
  WINDOW_SLIDE_MS: milliseconds(second),
  WINDOW_GRACE_MS: milliseconds(0),
  WINDOW_IDLE_TIMEOUT_MS: milliseconds(second),
  /** Generation of the pipeline that set this window; a merger with an older one gives way. */
  WINDOW_GENERATION: integer(0, Number.MAX_SAFE_INTEGER),
  /** When the pipeline was created, milliseconds since the epoch: one made again counts its generations anew. */
  PIPELINE_CREATED_MS: integer(0, Number.MAX_SAFE_INTEGER),
})

export const Consumer = z.object(shared)

export type Role = 'producer' | 'processor' | 'consumer'
export const roles: readonly Role[] = ['producer', 'processor', 'consumer']

/** What the operator sets for each role, every value a string. */
export type ProducerEnvironment = z.input<typeof Producer>
export type ProcessorEnvironment = z.input<typeof Processor>
export type ConsumerEnvironment = z.input<typeof Consumer>

/** What each role reads. Durations are whole milliseconds, `RATE` is events per second. */
export type ProducerSettings = z.output<typeof Producer>
export type ProcessorSettings = z.output<typeof Processor>
export type ConsumerSettings = z.output<typeof Consumer>

/** Reads a role's settings. Throws an Error with one line for each variable that is missing or wrong. */
export const parseSettings = <S extends z.ZodType>(
  schema: S,
  environment: Record<string, string | undefined>,
): z.output<S> => {
  const result = schema.safeParse(environment)
  if (result.success) return result.data
  const lines = result.error.issues.map((issue) => {
    const name = issue.path.join('.')
    const given = environment[name]
    if (given === undefined) return `  ${name} is not set`
    return `  ${name} is ${JSON.stringify(given)}: ${issue.message}`
  })
  throw new Error(`settings are not valid:\n${lines.join('\n')}`)
}
