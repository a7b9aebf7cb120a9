import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { cached } from './cache.ts'
import { run } from './command.ts'
import { step } from './progress.ts'

const MODULES = join(import.meta.dirname, 'cluster')
const KUBERNETES = required('go.mod', 'k8s.io/kubernetes')
const ETCD = required('etcd/go.mod', 'go.etcd.io/etcd/server/v3')
const COREDNS = required('coredns/go.mod', 'github.com/coredns/coredns')

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
  return module(`etcd-${ETCD}/etcd`, 'go.etcd.io/etcd/server/v3')
}

export function coredns(): Promise<string> {
  return module(`coredns-${COREDNS}/coredns`, '.')
}

/** The static program that keeps a pod's namespaces. */
export function pause(): Promise<string> {
  return module('pause-1/pause', '.')
}

/** A program whose module has a folder of its own here, called as the program. */
function module(key: string, main: string): Promise<string> {
  const cwd = join(MODULES, basename(key))
  return binary(key, (out) => run([...GO, 'build', '-ldflags=-s -w', '-o', out, main], { cwd, env: goEnv() }))
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
  const mine = turn.then(() => cached(key, (draft) => step(`building ${basename(key)}`, () => build(draft))))
  turn = mine.catch(() => undefined)
  return mine
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
