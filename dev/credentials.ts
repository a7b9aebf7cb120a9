import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Who may talk to the API server, and the groups that say what it may do there. */
const USERS = {
  admin: ['admin', 'system:masters'],
  'kube-controller-manager': ['system:kube-controller-manager'],
  'kube-scheduler': ['system:kube-scheduler'],
  'kube-proxy': ['system:kube-proxy'],
  kubelet: ['system:node:node1', 'system:nodes'],
} as const

type User = keyof typeof USERS

export interface Credentials {
  /** For kube-apiserver's --token-auth-file. */
  tokenFile: string
  adminToken: string
  /** Path of a user's kubeconfig. */
  kubeconfig: (user: User) => string
}

export interface Endpoint {
  server: string
  /** File of the certificate that signed the server's. */
  authority: string
  /** Namespace of the admin's context. */
  namespace?: string
}

/** Writes a token and a kubeconfig for each user into `directory`. */
export function credentials(directory: string, endpoint: Endpoint): Credentials {
  const users = Object.keys(USERS).filter(isUser)
  const tokens = new Map(users.map((user) => [user, randomBytes(16).toString('hex')]))
  const tokenFile = join(directory, 'tokens.csv')
  const lines = [...tokens].map(([user, token]) => tokenLine(user, token))
  writeFileSync(tokenFile, lines.join(''), { mode: 0o600 })
  const kubeconfig = (user: User) => join(directory, `${user}.kubeconfig`)
  for (const [user, token] of tokens) {
    writeFileSync(kubeconfig(user), kubeconfigOf(endpoint, token), { mode: 0o600 })
  }
  return { tokenFile, adminToken: tokens.get('admin') ?? '', kubeconfig }
}

function isUser(name: string): name is User {
  return name in USERS
}

/** `token,user,uid,"groups"`. */
function tokenLine(user: User, token: string): string {
  const [name, ...groups] = USERS[user]
  return `${token},${name},${name},"${groups.join(',')}"\n`
}

/** A kubeconfig is YAML, and JSON is YAML. */
function kubeconfigOf({ server, authority, namespace = 'default' }: Endpoint, token: string): string {
  const certificate = readFileSync(authority).toString('base64')
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'dev', cluster: { server, 'certificate-authority-data': certificate } }],
    users: [{ name: 'dev', user: { token } }],
    contexts: [{ name: 'dev', context: { cluster: 'dev', user: 'dev', namespace } }],
    'current-context': 'dev',
  })
}
