import type { Logger } from 'pino'
import { type Clock, pause } from '../reconcile/clock.ts'
import type { TopicVersion } from '../reconcile/cluster.ts'
import type { Client } from './client.ts'
import { StatusFault } from './fault.ts'
import { kinds } from './kinds.ts'

/** The one to prefer last: asked in this order, a CRD that is installed between two questions is seen at its newest. */
const versions: readonly TopicVersion[] = ['v1beta2', 'v1']

/**
 * The version of KafkaTopic that the cluster serves, `v1` before `v1beta2`; undefined where its CRD is not installed. Throws a
 * StatusFault when the API server does not tell.
 */
const discoverTopicVersion = async (
  client: Pick<Client, 'request'>,
  signal: AbortSignal,
): Promise<TopicVersion | undefined> => {
  let newest: TopicVersion | undefined
  for (const version of versions) {
    if (await isServed(client, version, signal)) newest = version
  }
  return newest
}

/** The group alone does not say it: Strimzi's other kinds live in it too. */
async function isServed(client: Pick<Client, 'request'>, version: TopicVersion, signal: AbortSignal) {
  const { group, plural } = kinds.KafkaTopic
  try {
    const path = `/apis/${group}/${version}`
    const answer = (await client.request({ method: 'GET', path, signal })) as Resources
    return answer.resources?.some(({ name }) => name === plural) ?? false
  } catch (error) {
    if (error instanceof StatusFault && error.reason === 'NotFound') return false
    throw error
  }
}

/** metav1.APIResourceList, as far as we read it. */
interface Resources {
  resources?: { name: string }[]
}

export interface DiscoveryOptions {
  client: Pick<Client, 'request'>
  clock: Clock
  logger: Logger
  signal: AbortSignal
  /** Told of the first answer and of each other one. */
  found: (version: TopicVersion | undefined) => Promise<void>
  /** Told of what keeps us from knowing, undefined when nothing does. */
  problem: (text: string | undefined) => void
  /** Milliseconds between two looks while it is served, and while it is not. */
  every?: { present: number; absent: number }
}

/** Looks again and again which version is served until `signal` aborts. A fault leaves the last answer as it is. */
export async function watchTopicVersion(options: DiscoveryOptions): Promise<void> {
  const { client, clock, logger, signal, found, every = { present: 30_000, absent: 10_000 } } = options
  let known: { version: TopicVersion | undefined } | undefined
  let failing: string | undefined
  const report = (text: string | undefined) => {
    if (text !== undefined && text !== failing) logger.warn(text)
    failing = text
    options.problem(text)
  }
  while (!signal.aborted) {
    try {
      const version = await discoverTopicVersion(client, signal)
      if (!known || known.version !== version) {
        logger.info({ version: version ?? 'none' }, 'version of KafkaTopic that the cluster serves')
        await found(version)
      }
      known = { version }
      report(undefined)
    } catch (error) {
      if (!signal.aborted)
        report(`cannot ask which version of KafkaTopic is served; trying again: ${String(error)}`)
    }
    await pause(clock, known?.version ? every.present : every.absent, signal)
  }
}
