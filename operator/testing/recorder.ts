import type { Recorder } from '../reconcile/recorder.ts'

/** A recorder that keeps what it is told, a line each: `Normal Ready shop/clickstream: …`. */
export const keptEvents = (): Recorder & { told: string[] } => {
  const told: string[] = []
  return {
    told,
    record({ metadata: { namespace, name } }, { type, reason, note }) {
      told.push(`${type} ${reason} ${namespace}/${name}: ${note}`)
    },
  }
}
