import type { KafkaTopic } from '../api/kubernetes.ts'
import type { TopicRole } from '../desired/topics.ts'
import { differs } from './difference.ts'
import { type Readiness, topicReadiness } from './readiness.ts'

/** Whether Kafka has the topic of a role as this generation of the pipeline wants it: its KafkaTopic says so, and is ready. */
export const topicState = (
  role: TopicRole,
  { wanted, actual }: { wanted: KafkaTopic; actual: KafkaTopic | undefined },
): Readiness => {
  const state = topicReadiness({ role, wanted }, actual)
  if (!state.ready || actual === undefined || !differs(wanted, actual)) return state
  return {
    ready: false,
    reason: 'TopicsNotReady',
    message: `KafkaTopic ${wanted.metadata.name} is still to be changed`,
  }
}
