/** The Kafka names of a pipeline. The one home of every name that both the operator and the runtime derive. */

/** The four topics of a pipeline, by role. */
export interface TopicNames {
  events: string
  panes: string
  metrics: string
  dlq: string
}

/** Topics of the pipeline called `pipeline`: `<p>-events`, `<p>-panes`, `<p>-metrics`, `<p>-dlq`. */
export const topicNames = (pipeline: string): TopicNames => ({
  events: `${pipeline}-events`,
  panes: `${pipeline}-panes`,
  metrics: `${pipeline}-metrics`,
  dlq: `${pipeline}-dlq`,
})

/** Consumer groups of a pipeline: `processor` holds the tasks' positions on events, `merge` the merger's on panes. */
export const groupNames = (pipeline: string): { processor: string; merge: string } => ({
  processor: `${pipeline}-processor`,
  merge: `${pipeline}-merge`,
})
