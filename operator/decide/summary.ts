import { type Pipeline, previousStatus, previousTopics } from '../api/pipeline.ts'
import type { RoleStatus, Status, TopicStatus } from '../api/status.ts'
import { selectorText } from '../desired/names.ts'
import { topicOrder, type TopicRole } from '../desired/topics.ts'
import { type Role, roles } from '../../runtime/settings.ts'
import type { Children } from '../desired/children.ts'
import { type Observed, topicOwner } from './observed.ts'
import { saysReady, topicReadiness } from './readiness.ts'

/** What the status says beside its conditions. */
export type Counted = Omit<Status, 'observedGeneration' | 'conditions'>

/** The part of the status that counts: pods of each role, and topics. */
export const summary = (pipeline: Pipeline, desired: Children, observed: Observed): Counted => {
  const role = (name: Role): RoleStatus => {
    const { replicas, readyReplicas } = podsOf(observed, name)
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

const podsOf = ({ deployments }: Observed, role: Role) => {
  const { replicas = 0, readyReplicas = 0 } = deployments[role]?.status ?? {}
  return { replicas, readyReplicas }
}

/**
 * The same of a pipeline whose spec breaks a rule, and which is as it was before that: what the status said stays, but for
 * pods that came or went, and topics that are not ready any more.
 */
export const kept = (observed: Observed): Counted => {
  const before = previousStatus(observed.pipeline)
  if (before === undefined) return {}
  const { observedGeneration: _, conditions: __, ...counted } = before
  for (const role of roles) {
    const [was, pods] = [before[role], podsOf(observed, role)]
    if (was === undefined) continue
    const wanted = was.ready?.split('/')[1] ?? '0'
    counted[role] = { ...was, ...pods, ready: `${pods.readyReplicas}/${wanted}` }
  }
  if (before.topics === undefined) return counted
  const topics = { ...before.topics }
  for (const role of topicOrder) {
    const [was, actual] = [topics[role], observed.topics[role]]
    if (was?.ready && (actual === undefined || !saysReady(actual))) topics[role] = { ...was, ready: false }
  }
  return { ...counted, topics }
}
