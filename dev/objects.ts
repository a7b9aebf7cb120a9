const NAMESPACE = 'kafka'
const SERVICE = 'data-on-eks-kafka-bootstrap'
const PORT = { name: 'tcp-clients', port: 9092, protocol: 'TCP' }

/** The pipeline's namespace, and a Service in it that leads to the broker outside, by the name Strimzi would use. */
export function kafkaObjects(address: string): object {
  const restricted = { 'pod-security.kubernetes.io/enforce': 'restricted' }
  const metadata = { name: SERVICE, namespace: NAMESPACE }
  return {
    apiVersion: 'v1',
    kind: 'List',
    items: [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels: restricted } },
      { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [PORT] } },
      {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { ...metadata, labels: { 'kubernetes.io/service-name': SERVICE } },
        addressType: 'IPv4',
        endpoints: [{ addresses: [address], conditions: { ready: true } }],
        ports: [PORT],
      },
    ],
  }
}
