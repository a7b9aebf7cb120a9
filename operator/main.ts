import type { Logger } from 'pino'
import { Registry } from 'prom-client'
import * as z from 'zod'
import program from '../package.json' with { type: 'json' }
import { answer, answerText, healthHandler, serve } from '../runtime/http/server.ts'
import { openAdmin } from '../runtime/kafka/admin.ts'
import type { Handler } from '../runtime/roles/role.ts'
import { openLog } from '../runtime/logging.ts'
import { processMetrics } from '../runtime/metrics.ts'
import { parseSettings } from '../runtime/settings.ts'
import { runPipelines } from './pipelines.ts'
import { buildInfo } from './reconcile/gauges.ts'
import type { RunningController } from './running.ts'
import { OperatorSettings, SharedSettings, TopicsSettings, watched } from './settings.ts'
import { runTopics } from './topics/run.ts'

/** `node operator/main.ts operator|topics`, its settings in the environment (settings.ts). */

const stopWithin = 10_000

interface Environment {
  logger: Logger
  signal: AbortSignal
  registry: Registry
}

const operator = async ({ logger, signal, registry }: Environment): Promise<RunningController> => {
  const settings = parseSettings(OperatorSettings, process.env)
  return runPipelines({
    namespace: watched(settings.WATCH_NAMESPACE),
    leaseNamespace: settings.POD_NAMESPACE,
    runtimeImage: settings.RUNTIME_IMAGE,
    logger,
    signal,
    registry,
  })
}

const topics = async ({ logger, signal, registry }: Environment): Promise<RunningController> => {
  const settings = parseSettings(TopicsSettings, process.env)
  const broker = openAdmin({
    bootstrapServers: settings.KAFKA_BOOTSTRAP_SERVERS,
    clientId: 'clickstream-topics',
  })
  const running = await runTopics({
    namespace: watched(settings.WATCH_NAMESPACE),
    leaseNamespace: settings.POD_NAMESPACE,
    kafkaCluster: settings.KAFKA_CLUSTER,
    broker,
    logger,
    signal,
    registry,
  })
  return { ...running, over: running.over.then(() => broker.close()) }
}

const apps = { operator, topics }

/** The probes and the metrics of a controller. */
const routes = ({ registry }: Environment, running: RunningController): Record<string, Handler> => {
  const why = () => running.problems().join('; ') || 'ok'
  return {
    '/healthz': healthHandler(() => ({ ok: running.healthy(), why: why() })),
    '/readyz': healthHandler(() => ({ ok: why() === 'ok', why: why() })),
    '/metrics': (_request, response) => {
      registry.metrics().then(
        (body) => answer(response, { type: registry.contentType, body }),
        (error: unknown) => answerText(response, 500, String(error)),
      )
    },
  }
}

/** Aborted by SIGTERM and SIGINT. A process that has not ended ten seconds later ends itself. */
const stopSignal = (logger: Logger): AbortSignal => {
  const controller = new AbortController()
  const stop = (name: string): void => {
    if (controller.signal.aborted) return
    logger.info({ signal: name }, 'stopping')
    controller.abort()
    setTimeout(
      () => fail(logger, new Error(`not stopped within ${stopWithin / 1_000} s`)),
      stopWithin,
    ).unref()
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  process.on('unhandledRejection', (error) => fail(logger, error))
  return controller.signal
}

const fail = (logger: Logger, error: unknown): never => {
  logger.fatal({ err: error }, 'cannot go on')
  process.exit(1)
}

const main = async (): Promise<void> => {
  const app = z.enum(['operator', 'topics']).safeParse(process.argv[2])
  if (!app.success) throw new Error('usage: node operator/main.ts operator|topics')
  const { HTTP_PORT: port, LOG_LEVEL: level } = parseSettings(SharedSettings, process.env)
  const logger = openLog({ level, base: { app: app.data } })
  const registry = new Registry()
  processMetrics(registry)
  buildInfo(registry, program.version)
  const environment = { logger, signal: stopSignal(logger), registry }
  const running = await apps[app.data](environment)
  const table = new Map(Object.entries(routes(environment, running)))
  const server = await serve({
    port,
    route: (path) => table.get(path),
    failed: (error) => logger.error({ err: error }, 'a request failed'),
  })
  logger.info({ port: server.port }, 'listening')
  await running.over
  await server.close()
  logger.info({}, 'stopped')
  process.exit(0)
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  process.exit(1)
})
