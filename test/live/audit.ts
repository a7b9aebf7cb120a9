import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A line of the API server's audit log. */
export interface Audited {
  verb: string
  user: { username: string }
  objectRef?: { resource: string; subresource?: string; apiGroup?: string; namespace?: string; name?: string }
  responseStatus?: { code: number }
}

/** Flags of an API server that writes what service accounts ask for, but not Kubernetes' own, into a log in the directory. */
export const auditFlags = (directory: string): string[] => {
  const policy = join(directory, 'policy.yaml')
  const rules = [
    { level: 'None', userGroups: ['system:serviceaccounts:kube-system'] },
    { level: 'Metadata', userGroups: ['system:serviceaccounts'], omitStages: ['RequestReceived'] },
  ]
  writeFileSync(policy, JSON.stringify({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules }))
  return [`--audit-policy-file=${policy}`, `--audit-log-path=${join(directory, 'audit.log')}`]
}

/** What was asked for. */
export const auditIn = (directory: string): Audited[] =>
  readFileSync(join(directory, 'audit.log'), 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line))

/** Not asked for by a request of ours: the API server asks it itself when we write an owner reference that blocks. */
export const blocking = 'update clickstream.dev/clickstreampipelines/finalizers'

/** `verb group/resource` of all that was asked for. */
export const usedBy = (requests: readonly Audited[]): string[] =>
  [...new Set(requests.flatMap(needed))].sort()

/**
 * What a request needed: an apply that makes an object needs create beside patch. Discovery, which everybody may, has no
 * object.
 */
const needed = ({ verb, objectRef, responseStatus }: Audited): string[] => {
  if (objectRef === undefined) return []
  const { apiGroup = '', resource, subresource } = objectRef
  const what = `${apiGroup}/${subresource === undefined ? resource : `${resource}/${subresource}`}`
  return verb === 'patch' && responseStatus?.code === 201
    ? [`patch ${what}`, `create ${what}`]
    : [`${verb} ${what}`]
}
