import type { Service } from '../api/kubernetes.ts'
import { ownerReference, type Pipeline } from '../api/pipeline.ts'
import { childName, labels, selector } from './names.ts'

/** The consumer's Service: the dashboard and its API on port 8080. */
export const consumerService = (pipeline: Pipeline): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: childName(pipeline, 'consumer'),
    namespace: pipeline.namespace,
    labels: { ...selector(pipeline, 'consumer'), ...labels(pipeline) },
    ownerReferences: [ownerReference(pipeline)],
  },
  spec: {
    type: 'ClusterIP',
    selector: selector(pipeline, 'consumer'),
    ports: [{ name: 'http', port: 8080, targetPort: 'http', protocol: 'TCP' }],
  },
})
