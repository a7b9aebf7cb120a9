import type { Key } from '../api/kubernetes.ts'
import { childName } from '../desired/names.ts'
import type { Observed } from '../decide/observed.ts'
import { rivalsOf } from '../decide/rivals.ts'
import { topicNames } from '../../runtime/names.ts'
import type { Cluster } from './cluster.ts'

/** Gathers a pipeline and its children from the cache; undefined when the pipeline does not exist. */
export const observe = (cluster: Cluster, key: Key): Observed | undefined => {
  const pipeline = cluster.get('ClickstreamPipeline', key)
  if (pipeline === undefined) return undefined
  const { namespace } = key
  const names = topicNames(key.name)
  const topic = (name: string) => cluster.get('KafkaTopic', { namespace, name })
  const deployment = (name: string) => cluster.get('Deployment', { namespace, name })
  return {
    pipeline,
    topicVersion: cluster.topicVersion(),
    topics: present({
      events: topic(names.events),
      panes: topic(names.panes),
      metrics: topic(names.metrics),
      dlq: topic(names.dlq),
    }),
    deployments: present({
      producer: deployment(childName(key, 'producer')),
      processor: deployment(childName(key, 'processor')),
      consumer: deployment(childName(key, 'consumer')),
    }),
    service: cluster.get('Service', { namespace, name: childName(key, 'consumer') }),
    rivals: rivalsOf(pipeline, cluster.list('ClickstreamPipeline')),
  }
}

/** The members that are there. */
const present = <K extends string, T>(members: Record<K, T | undefined>): Partial<Record<K, T>> => {
  const found: Partial<Record<K, T>> = {}
  for (const name in members) {
    const member = members[name]
    if (member !== undefined) found[name] = member
  }
  return found
}
