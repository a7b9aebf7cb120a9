import { type App, rules } from './kinds.ts'

/** The namespace of config/default: the one that holds the Kafka cluster. */
const namespace = 'kafka'

/** The Role or ClusterRole of an app with its binding, from the rows of kinds.ts. */
export const rbac = (app: App, scope: 'namespace' | 'cluster'): object[] => {
  const name = `clickstream-${app}`
  const kind = scope === 'cluster' ? 'ClusterRole' : 'Role'
  const apiGroup = 'rbac.authorization.k8s.io'
  const within = scope === 'cluster' ? { name } : { name, namespace }
  return [
    { apiVersion: `${apiGroup}/v1`, kind, metadata: within, rules: rules(app) },
    {
      apiVersion: `${apiGroup}/v1`,
      kind: `${kind}Binding`,
      metadata: within,
      roleRef: { apiGroup, kind, name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
  ]
}
