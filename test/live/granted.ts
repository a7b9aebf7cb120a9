import type { KubernetesObject } from '../../operator/api/kubernetes.ts'
import type { PolicyRule } from '../../operator/kube/kinds.ts'
import { objectsIn } from './stage.ts'

/** `verb group/resource` of all that the roles in a file of the repository give, to whom they are bound there. */
export const granted = (file: string): string[] =>
  (objectsIn(file) as (KubernetesObject & { rules?: PolicyRule[] })[])
    .flatMap(({ rules = [] }) => rules)
    .flatMap(({ apiGroups, resources, verbs }) =>
      verbs.map((verb) => `${verb} ${apiGroups[0]}/${resources[0]}`),
    )
    .sort()
