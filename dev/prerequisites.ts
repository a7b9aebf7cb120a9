import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './command.ts'
import { step } from './progress.ts'

/** The file each Debian package is wanted for: a program on the PATH, or a path. */
const PACKAGES = {
  containerd: 'containerd',
  runc: 'runc',
  'containernetworking-plugins': '/usr/lib/cni/bridge',
  iptables: 'iptables',
  nftables: 'nft',
  conntrack: 'conntrack',
  buildah: 'buildah',
  iproute2: 'ip',
  openssl: 'openssl',
  maven: 'mvn',
  'util-linux': 'nsenter',
}

/** Checks what this machine must bring, a sentence for each lack, and installs what Debian packages can provide. */
export async function prerequisites(): Promise<void> {
  process.env['PATH'] += ':/usr/sbin:/sbin' // which a shell got by `su` does not have
  const lacks = [platform(), user(), await go(), await java(), packages()].filter(
    (lack) => lack !== undefined,
  )
  if (lacks.length > 0) throw new Error(lacks.join('\n'))
  const missing = missingPackages()
  if (missing.length > 0) await step(`Debian packages ${missing.join(' ')}`, () => install(missing))
}

function platform(): string | undefined {
  if (process.platform === 'linux' && process.arch === 'x64') return undefined
  return `The local cluster runs on Linux on x64, and this is ${process.platform} on ${process.arch}.`
}

function user(): string | undefined {
  if (process.getuid?.() === 0) return undefined
  return 'The local cluster makes network namespaces and cgroups: run this as root.'
}

async function go(): Promise<string | undefined> {
  const minor = await versionOf(['go', 'version'], /go1\.(\d+)/)
  if (minor >= 24) return undefined
  return 'Kubernetes is built from source: install Go 1.24 or newer (https://go.dev/dl) and put it on the PATH.'
}

async function java(): Promise<string | undefined> {
  const major = await versionOf(['java', '--version'], /^\S+ (\d+)/)
  return major >= 17 ? undefined : 'Kafka needs Java 17 or newer: install a JRE and put java on the PATH.'
}

function packages(): string | undefined {
  const missing = missingPackages()
  if (missing.length === 0 || onPath('apt-get')) return undefined
  return `There is no apt-get here to install what is missing: install ${missing.join(', ')}.`
}

async function versionOf(argv: string[], pattern: RegExp): Promise<number> {
  try {
    return Number(pattern.exec(await run(argv))?.[1] ?? 0)
  } catch {
    return 0 // not installed
  }
}

function missingPackages(): string[] {
  return Object.entries(PACKAGES).flatMap(([name, file]) => (onPath(file) ? [] : [name]))
}

async function install(names: string[]): Promise<void> {
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  await run(['apt-get', 'update', '-q'], { env })
  await run(['apt-get', 'install', '-y', '-q', '--no-install-recommends', ...names], { env })
}

function onPath(file: string): boolean {
  if (file.startsWith('/')) return existsSync(file)
  const folders = (process.env['PATH'] ?? '').split(':')
  return folders.some((folder) => existsSync(join(folder, file)))
}
