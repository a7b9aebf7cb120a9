import { type Pipeline, previousTopics } from '../api/pipeline.ts'
import type { RoleStatus, Status, TopicStatus } from '../api/status.ts'
import { selectorText } from '../desired/names.ts'
import type { TopicRole } from '../desired/topics.ts'
import type { Role } from '../../runtime/settings.ts'
import type { Children } from '../desired/children.ts'
import { type Observed, topicOwner } from './observed.ts'
import { topicReadiness } from './readiness.ts'

/** The part of the status that counts: pods of each role, and topics. */
export const summary = (
  pipeline: Pipeline,
  desired: Children,
  observed: Observed,
): Omit<Status, 'observedGeneration' | 'conditions'> => {
  const role = (name: Role): RoleStatus => {
    const { replicas = 0, readyReplicas = 0 } = observed.deployments[name]?.status ?? {}
    const wanted = desired.deployments[name].spec.replicas ?? 0
    return {
      replicas,
      readyReplicas,
      selector: selectorText(pipeline, name),
      ready: `${readyReplicas}/${wanted}`,
    }
  }
  const before = previousTopics(observed.pipeline)
  const topic = (name: TopicRole): TopicStatus => {
    const wanted = desired.topics[name]
    const { metadata, spec } = wanted
    const actual = observed.topics[name]
    const { ready } = topicReadiness({ role: name, wanted }, actual)
    // The last one of ours that is known, so that a topic that is made again in a later pass is noticed.
    const isOurs = actual !== undefined && topicOwner(observed.pipeline, actual) === 'Ours'
    const uid = (isOurs ? actual.metadata.uid : undefined) ?? before?.[name]?.uid
    return { name: metadata.name, partitions: spec.partitions ?? 0, ready, ...(uid !== undefined && { uid }) }
  }
  return {
    topics: { events: topic('events'), panes: topic('panes'), metrics: topic('metrics'), dlq: topic('dlq') },
    producer: role('producer'),
    processor: role('processor'),
    consumer: role('consumer'),
  }
}
