import type { PipelineObject } from '../api/kubernetes.ts'
import type { Happening } from '../decide/happenings.ts'

/**
 * Tells a pipeline's users what happened to it, as Kubernetes events. `operator/kube` has the real one,
 * `operator/testing` one that keeps what it is told.
 */
export interface Recorder {
  /** Returns at once and never throws: an event may be lost, a pass may not. */
  record(about: PipelineObject, happening: Happening): void
}

/** Why an event is not written: its pipeline had too much to tell, too many waited, or the API server did not take it. */
export const droppings = ['burst', 'full', 'failed'] as const
export type Dropped = (typeof droppings)[number]
