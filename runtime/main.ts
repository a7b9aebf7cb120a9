import type { Logger as Pino } from 'pino'
import * as z from 'zod'
import { connect } from './kafka/log.ts'
import { openLog } from './logging.ts'
import { systemClock } from './roles/clock.ts'
import { runConsumer } from './roles/consumer.ts'
import { runProcessor } from './roles/processor.ts'
import { runProducer } from './roles/producer.ts'
import type { Context, Running } from './roles/role.ts'
import { runService } from './service.ts'
import { Consumer, parseSettings, Processor, Producer, roles, type Role } from './settings.ts'

/** `node runtime/main.ts producer|processor|consumer`, its settings in the environment (settings.ts). */

const stopWithin = 10_000

const print = (text: string): void => {
  process.stdout.write(text)
}

/** Settings every role has. */
interface Shared {
  PIPELINE: string
  NAMESPACE: string
  KAFKA_BOOTSTRAP_SERVERS: string
  HTTP_PORT: number
  LOG_LEVEL: string
}

const run = async <Settings extends Shared>(
  role: Role,
  settings: Settings,
  start: (context: Context<Settings>) => Running,
): Promise<void> => {
  const logger = openLog({ level: settings.LOG_LEVEL, base: { role, pipeline: settings.PIPELINE } })
  const signal = stopSignal(logger)
  try {
    await runService({
      settings,
      connect: () =>
        connect({
          bootstrapServers: settings.KAFKA_BOOTSTRAP_SERVERS,
          clientId: `${settings.NAMESPACE}.${settings.PIPELINE}.${role}`,
          logger,
        }),
      start,
      clock: systemClock,
      logger,
      signal,
    })
    logger.info({}, 'stopped')
    process.exit(0)
  } catch (error) {
    logger.fatal({ err: error }, 'cannot go on')
    process.exit(1)
  }
}

/** Aborted by SIGTERM and SIGINT. A process that has not ended ten seconds later ends itself. */
const stopSignal = (logger: Pino): AbortSignal => {
  const controller = new AbortController()
  const stop = (name: string): void => {
    if (controller.signal.aborted) return
    logger.info({ signal: name }, 'stopping')
    controller.abort()
    setTimeout(() => {
      logger.fatal({ seconds: stopWithin / 1_000 }, 'not stopped in time')
      process.exit(1)
    }, stopWithin).unref()
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  process.on('unhandledRejection', (error) => {
    logger.fatal({ err: error }, 'unhandled rejection')
    process.exit(1)
  })
  return controller.signal
}

const start: Record<Role, (environment: NodeJS.ProcessEnv) => Promise<void>> = {
  producer: (environment) => run('producer', parseSettings(Producer, environment), runProducer),
  processor: (environment) => run('processor', parseSettings(Processor, environment), runProcessor),
  consumer: (environment) =>
    run('consumer', parseSettings(Consumer, environment), (context) => runConsumer({ ...context, print })),
}

const main = async (): Promise<void> => {
  const role = z.enum(roles).safeParse(process.argv[2])
  if (!role.success) throw new Error(`usage: node runtime/main.ts ${roles.join('|')}`)
  await start[role.data](process.env)
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})
