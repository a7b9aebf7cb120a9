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
