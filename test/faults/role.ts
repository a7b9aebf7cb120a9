import { ownRules, type PolicyRule, rules } from '../../operator/kube/kinds.ts'
import type { Stage } from './stage.ts'

/** What the operator's roles in config/ allow. */
export const shipped: readonly PolicyRule[] = [...rules('operator'), ...ownRules('operator')]

/** The name of the operator's service account in each trial. */
export const operatorAccount = 'operator'
const name = operatorAccount
const group = 'rbac.authorization.k8s.io'

interface Place {
  stage: Stage
  namespace: string
}

/** A Role for the operator's service account in the trial's namespace. */
export const grant = async ({ stage, namespace }: Place, held: readonly PolicyRule[]): Promise<void> => {
  const metadata = { namespace, name }
  const apiVersion = `${group}/v1`
  const path = `/apis/${apiVersion}/namespaces/${namespace}`
  await stage.world.apply(`${path}/roles/${name}`, { apiVersion, kind: 'Role', metadata, rules: held })
  await stage.world.apply(`${path}/rolebindings/${name}`, {
    apiVersion,
    kind: 'RoleBinding',
    metadata,
    roleRef: { apiGroup: group, kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', ...metadata }],
  })
}

/** The token of a service account that has the shipped rights and no more. */
export const account = async (place: Place): Promise<string> => {
  const { stage, namespace } = place
  await stage.world.namespace(namespace)
  await grant(place, shipped)
  return stage.world.account({ namespace, name })
}
