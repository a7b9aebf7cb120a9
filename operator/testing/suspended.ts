import type { Summary } from '../../runtime/summary.ts'
import type { Suspension } from '../api/status.ts'
import { aReading, aSummary } from './summary.ts'
import { deployments, key, ready, satisfyDeployments } from './world.ts'

/** Windows of 5 min, a grace of 10 s, 30 s of idleness. The last event is of 12:07, the last window ends at 12:10. */

const second = 1_000
const newestEvent = '2026-01-31T12:07:00.000Z'
export const last = { ...aSummary().lastWindow!, end: '2026-01-31T12:10:00.000Z' }
export const drained = { lag: 0, newestEvent, lastWindow: last }

/** A pipeline that ran and was suspended, its source stopped at 12:00. */
export const suspended = async (spec: object = {}) => {
  const on = await ready(spec)
  on.put({ ...spec, suspend: true })
  await on.pass()
  satisfyDeployments(on.cluster)
  await on.pass()
  const status = () => cluster.get('ClickstreamPipeline', key)?.status as { suspension?: Suspension }
  const { cluster } = on
  return {
    ...on,
    replicas: () =>
      deployments.map((name) => cluster.get('Deployment', { namespace: 'shop', name })?.spec.replicas),
    suspension: () => status().suspension,
    /** The consumer says so, `seconds` later. */
    async hears(seconds: number, given: Partial<Summary>) {
      on.see(aReading(on.elapse(seconds * second), given))
      await on.pass()
      await on.pass()
    },
    async halts() {
      satisfyDeployments(cluster)
      await on.pass()
    },
  }
}
