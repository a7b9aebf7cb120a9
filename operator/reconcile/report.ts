import { isDeepStrictEqual } from 'node:util'
import type { PipelineObject } from '../api/kubernetes.ts'
import { apiVersion } from '../api/crd.ts'
import type { Status } from '../api/status.ts'
import type { Cluster } from './cluster.ts'

/** Writes the status if it differs from what the object has. */
export const report = async (cluster: Cluster, object: PipelineObject, status: Status): Promise<void> => {
  if (isDeepStrictEqual(object.status, JSON.parse(JSON.stringify(status)))) return
  const { name, namespace, uid } = object.metadata
  await cluster.applyStatus({
    apiVersion,
    kind: 'ClickstreamPipeline',
    metadata: { name, namespace, ...(uid === undefined ? {} : { uid }) },
    status,
  })
}
