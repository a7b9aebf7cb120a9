import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './command.ts'

/** Files of one cluster's keys. All of one authority, which signs for a day's work, not for production. */
export interface Certificates {
  authority: string
  server: KeyPair
  kubeletClient: KeyPair
  serviceAccounts: string
}

interface KeyPair {
  certificate: string
  key: string
}

interface Subject {
  name: string
  subject: string
  extension?: string
}

/** Makes the keys with openssl, once per directory. `addresses` are the API server's, beside 127.0.0.1. */
export async function certificates(directory: string, addresses: readonly string[]): Promise<Certificates> {
  const authority = pair(directory, 'authority')
  const server = pair(directory, 'server')
  const kubeletClient = pair(directory, 'kubelet-client')
  const serviceAccounts = join(directory, 'service-accounts.key')
  if (!existsSync(kubeletClient.certificate)) {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    await Promise.all([
      create(directory, { name: 'authority', subject: '/CN=clickstream-dev' }),
      run(['openssl', 'genrsa', '-out', serviceAccounts, '2048']),
    ])
    await Promise.all([
      create(directory, { name: 'server', subject: '/CN=kube-apiserver', extension: serverNames(addresses) }),
      create(directory, {
        name: 'kubelet-client',
        subject: '/O=system:masters/CN=kube-apiserver-kubelet-client',
      }),
    ])
  }
  return { authority: authority.certificate, server, kubeletClient, serviceAccounts }
}

function pair(directory: string, name: string): KeyPair {
  return { certificate: join(directory, `${name}.crt`), key: join(directory, `${name}.key`) }
}

async function create(directory: string, { name, subject, extension }: Subject): Promise<void> {
  const { certificate, key } = pair(directory, name)
  const authority = pair(directory, 'authority')
  const request = [
    'openssl',
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '365',
    '-subj',
    subject,
  ]
  const signer = name === 'authority' ? [] : ['-CA', authority.certificate, '-CAkey', authority.key]
  const names = extension ? ['-addext', extension] : []
  const leaf = name === 'authority' ? [] : ['-addext', 'basicConstraints=critical,CA:FALSE']
  await run([...request, ...signer, ...names, ...leaf, '-out', certificate, '-keyout', key])
}

function serverNames(addresses: readonly string[]): string {
  const service = 'kubernetes.default.svc.cluster.local'.split('.')
  const names = [1, 2, 3, 5].map((parts) => `DNS:${service.slice(0, parts).join('.')}`)
  const ips = ['127.0.0.1', ...addresses].map((address) => `IP:${address}`)
  return `subjectAltName=${[...names, 'DNS:localhost', ...ips].join(',')}`
}
