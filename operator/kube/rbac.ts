import { type App, nameOf, ownRules, type PolicyRule, rules } from './kinds.ts'

/** The namespace of config/default: the one that holds the Kafka cluster. */
const namespace = 'kafka'

const group = 'rbac.authorization.k8s.io'

/** The roles of an app with their bindings, from the rows of kinds.ts: for what it serves, and for its own lease. */
export const rbac = (app: App, scope: 'namespace' | 'cluster'): object[] => {
  const name = nameOf(app)
  const served =
    scope === 'cluster'
      ? role(app, { kind: 'ClusterRole', metadata: { name }, rules: rules(app) })
      : role(app, { kind: 'Role', metadata: { name, namespace }, rules: rules(app) })
  const metadata = { name: `${name}-leader-election`, namespace }
  return [...served, ...role(app, { kind: 'Role', metadata, rules: ownRules(app) })]
}

interface Role {
  kind: 'Role' | 'ClusterRole'
  metadata: { name: string; namespace?: string }
  rules: PolicyRule[]
}

const role = (app: App, { kind, metadata, rules }: Role): object[] => [
  { apiVersion: `${group}/v1`, kind, metadata, rules },
  {
    apiVersion: `${group}/v1`,
    kind: `${kind}Binding`,
    metadata,
    roleRef: { apiGroup: group, kind, name: metadata.name },
    subjects: [{ kind: 'ServiceAccount', name: nameOf(app), namespace }],
  },
]
