import { LogFault, type Log } from './roles/log.ts'
import { healthHandler, answer, answerText, serve } from './http/server.ts'
import { metrics } from './metrics.ts'
import { complaint } from './roles/complaint.ts'
import type { Clock, Context, Handler, Health, Logger, Running } from './roles/role.ts'

const second = 1_000
/** While Kafka is away at the start, the process stays alive for so long before a new one is to try. */
const patience = 300 * second

export interface ServiceOptions<Settings extends { PIPELINE: string; HTTP_PORT: number }> {
  settings: Settings
  /** Connects to Kafka; rejects with a LogFault when it cannot. */
  connect: () => Promise<Log>
  start: (context: Context<Settings>) => Running
  clock: Clock
  logger: Logger
  /** Aborting it stops the service. */
  signal: AbortSignal
}

/** Tries until Kafka answers, from half a second to ten seconds apart. Undefined when aborted meanwhile. */
const connected = async (
  { connect, clock, logger, signal }: Pick<ServiceOptions<never>, 'connect' | 'clock' | 'logger' | 'signal'>,
  failed: (error: unknown) => void,
): Promise<Log | undefined> => {
  const aborted = new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
  const trouble = complaint(logger, 'waiting for Kafka')
  for (let wait = second / 2; !signal.aborted; wait = Math.min(wait * 2, 10 * second)) {
    try {
      return await Promise.race([connect(), aborted])
    } catch (error) {
      if (error instanceof LogFault && !error.retry) throw error
      trouble.about(error)
      failed(error)
      await clock.sleep(wait, signal)
    }
  }
  return undefined
}

/** What the probes see while there is no role yet. */
const beforehand = (clock: Clock) => {
  const since = clock.now()
  let why = 'waiting for Kafka'
  return {
    health: (): Health => ({ ok: clock.now() - since <= patience, why }),
    readiness: (): Health => ({ ok: false, why }),
    failed: (error: unknown): void => {
      why = `waiting for Kafka: ${error instanceof Error ? error.message : String(error)}`
    },
  }
}
type Beforehand = ReturnType<typeof beforehand>

/** The paths of every role; those of the running one are added when it runs. */
const routes = (
  running: () => Running | undefined,
  { early, pipeline }: { early: Beforehand; pipeline: string },
) => {
  const numbers = metrics(pipeline)
  const showMetrics: Handler = (_request, response) => {
    numbers.text(running()?.measures() ?? {}).then(
      (body) => answer(response, { type: numbers.contentType, body }),
      (error: unknown) => answerText(response, 500, String(error)),
    )
  }
  const shared: Record<string, Handler> = {
    '/healthz': healthHandler(() => (running() ?? early).health()),
    '/readyz': healthHandler(() => (running() ?? early).readiness()),
    '/metrics': showMetrics,
  }
  const waiting = healthHandler(early.readiness)
  return (path: string): Handler | undefined => {
    const role = running()
    return shared[path] ?? (role === undefined ? waiting : role.routes?.[path])
  }
}

/**
 * Runs a role: its HTTP server first, so that the probes have an answer, then the connection to Kafka, then the
 * role, until the signal is aborted. Rejects when the port is taken or the role cannot go on.
 */
export const runService = async <Settings extends { PIPELINE: string; HTTP_PORT: number }>(
  options: ServiceOptions<Settings>,
): Promise<void> => {
  const { settings, clock, logger, signal } = options
  let running: Running | undefined
  const early = beforehand(clock)
  const server = await serve({
    port: settings.HTTP_PORT,
    route: routes(() => running, { early, pipeline: settings.PIPELINE }),
    failed: (error) => logger.error({ err: error }, 'a request failed'),
  })
  logger.info({ port: server.port }, 'listening')
  try {
    const log = await connected(options, early.failed)
    if (log === undefined) return
    logger.info({}, 'connected to Kafka')
    try {
      running = options.start({ settings, log, clock, logger, signal })
      await running.done
    } finally {
      await log.close()
    }
  } finally {
    await server.close()
  }
}
