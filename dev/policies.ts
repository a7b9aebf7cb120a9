import { selector } from '../operator/desired/names.ts'
import { roles } from '../runtime/settings.ts'

/**
 * Who may talk to whom, and how many pods may go at once: for all pipelines of a namespace and the two controllers.
 * docs/decisions/0009 says why these are no children of a pipeline.
 */

const http = { protocol: 'TCP', port: 8080 }
const dns = [
  { protocol: 'UDP', port: 53 },
  { protocol: 'TCP', port: 53 },
]
/** Of Strimzi, MSK and most others; brokers on other ports need a patch. */
const kafka = { protocol: 'TCP', port: 9092, endPort: 9098 }
/** Of Services and of API servers themselves: a policy may see either. */
const apiServer = [
  { protocol: 'TCP', port: 443 },
  { protocol: 'TCP', port: 6443 },
]

const name = 'app.kubernetes.io/name'
const component = 'app.kubernetes.io/component'

/** Pods of a role of any pipeline; their other labels are the pipeline's name. */
const ofRole = (role: (typeof roles)[number]) => {
  const { [name]: app = '' } = selector({ name: '', namespace: '' }, role)
  return { matchLabels: { [name]: app, [component]: role } }
}
const controller = (app: 'operator' | 'topics') => ({
  matchLabels: { [name]: 'clickstream-operator', [component]: app },
})

const prometheus = {
  from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
  ports: [http],
}
/** The operator may be in another namespace: config/cluster-scope. */
const operator = { from: [{ namespaceSelector: {}, podSelector: controller('operator') }], ports: [http] }
const toConsumers = { to: [{ namespaceSelector: {}, podSelector: ofRole('consumer') }], ports: [http] }

interface Rules {
  selects: object
  ingress: object[]
  egress: object[]
}

const policy = (title: string, { selects, ingress, egress }: Rules) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: `clickstream-${title}` },
  spec: {
    podSelector: selects,
    policyTypes: ['Ingress', 'Egress'],
    ingress,
    egress: [{ ports: dns }, ...egress],
  },
})

/** A policy for each role and each controller. */
export const networkPolicies = (): object[] => [
  ...roles.map((role) =>
    policy(role, {
      selects: ofRole(role),
      ingress: role === 'consumer' ? [prometheus, operator] : [prometheus],
      egress: [{ ports: [kafka] }],
    }),
  ),
  policy('operator', {
    selects: controller('operator'),
    ingress: [prometheus],
    egress: [{ ports: apiServer }, toConsumers],
  }),
  policy('topics', {
    selects: controller('topics'),
    ingress: [prometheus],
    egress: [{ ports: apiServer }, { ports: [kafka] }],
  }),
]

/** One pod of each role at a time: a drain goes on with a single replica, too. */
export const disruptionBudgets = (): object[] =>
  [...roles.map((role) => [role, ofRole(role)] as const), ['operator', controller('operator')] as const].map(
    ([title, selects]) => ({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: `clickstream-${title}` },
      spec: { maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow', selector: selects },
    }),
  )
