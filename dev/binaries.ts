import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cached } from './cache.ts'
import { run } from './command.ts'
import { step } from './progress.ts'

const MODULES = join(import.meta.dirname, 'cluster')
const KUBERNETES = required('go.mod', 'k8s.io/kubernetes')
const ETCD = required('etcd/go.mod', 'go.etcd.io/etcd/server/v3')
const COREDNS = 'v1.12.4'

/** A build ends with the Node process that asked for it. */
const GO = ['setpriv', '--pdeathsig', 'INT', '--', 'go']

export type KubernetesBinary =
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kubelet'
  | 'kube-proxy'
  | 'kubectl'

/** Path of a Kubernetes program, built from its Go module the first time (minutes for the API server). */
export function kubernetes(name: KubernetesBinary): Promise<string> {
  const build = [...GO, 'build', '-ldflags', stamp(KUBERNETES)]
  return binary(`kubernetes-${KUBERNETES}/${name}`, (out) =>
    run([...build, '-o', out, `k8s.io/kubernetes/cmd/${name}`], { cwd: MODULES, env: goEnv() }),
  )
}

export function etcd(): Promise<string> {
  const build = [...GO, 'build', '-ldflags=-s -w']
  return binary(`etcd-${ETCD}/etcd`, (out) =>
    run([...build, '-o', out, 'go.etcd.io/etcd/server/v3'], { cwd: join(MODULES, 'etcd'), env: goEnv() }),
  )
}

export function coredns(): Promise<string> {
  const build = [...GO, 'install', '-ldflags=-s -w', `github.com/coredns/coredns@${COREDNS}`]
  // `go install` names the file itself, so the draft is the folder.
  return binary(`coredns-${COREDNS}`, (out) => run(build, { env: { ...goEnv(), GOBIN: out } })).then(
    (folder) => join(folder, 'coredns'),
  )
}

/** The static program that keeps a pod's namespaces. */
export function pause(): Promise<string> {
  return binary('pause-1/pause', (out) =>
    run([...GO, 'build', '-ldflags=-s -w', '-o', out], { cwd: join(MODULES, 'pause'), env: goEnv() }),
  )
}

/** The kubectl of the PATH where its version suits the API server's, else one built like the rest. */
export async function kubectl(): Promise<string> {
  try {
    const version = await run(['kubectl', 'version', '--client'])
    const minor = Number(/v1\.(\d+)\./.exec(version)?.[1])
    if (minor >= 32 && minor <= 35) return 'kubectl'
  } catch {
    // none is installed
  }
  return kubernetes('kubectl')
}

type Build = (out: string) => Promise<unknown>

let turn: Promise<unknown> = Promise.resolve()

/** One build at a time: the compiler alone fills all cores, and what was asked for first is ready first. */
function binary(key: string, build: Build): Promise<string> {
  return cached(key, async (draft) => {
    const name = key.slice(key.lastIndexOf('/') + 1)
    const mine = turn.then(() => step(`building ${name}`, () => build(draft)))
    turn = mine.catch(() => undefined)
    await mine
  })
}

function goEnv(): Record<string, string> {
  return { CGO_ENABLED: '0', GOFLAGS: '-mod=readonly -trimpath -buildvcs=false', GOWORK: 'off' }
}

/** Without these stamps clients see version v0.0.0-master and refuse features. */
function stamp(version: string): string {
  const [major = '', minor = ''] = version.slice(1).split('.')
  const values = {
    gitMajor: major,
    gitMinor: minor,
    gitVersion: version,
    gitCommit: 'local',
    gitTreeState: 'clean',
  }
  const packages = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version']
  const flags = packages.flatMap((path) =>
    Object.entries(values).map(([name, value]) => `-X ${path}.${name}=${value}`),
  )
  return ['-s -w', ...flags].join(' ')
}

function required(file: string, module: string): string {
  const line = readFileSync(join(MODULES, file), 'utf8')
    .split('\n')
    .find((text) => text.includes(`${module} v`))
  const version = line?.split(' ').find((word) => word.startsWith('v'))
  if (!version) throw new Error(`${file} requires no ${module}`)
  return version
}
