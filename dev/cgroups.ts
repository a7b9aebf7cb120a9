import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from './until.ts'

/** Microseconds, as the kubelet sets it. */
const quotaPeriod = 100_000

/** Words that put a shell into the cgroup of a folder, and then the program in its place. */
export const joining = (folder: string): string[] => [
  'sh',
  '-c',
  'echo $$ > "$0/cgroup.procs" && exec "$@"',
  folder,
]

interface Hierarchy {
  mount: string
  unified: boolean
  /** Of version 1; version 2 has them all in one hierarchy. */
  controllers: readonly string[]
}

/**
 * Makes the cgroup `id` in every hierarchy, for the kubelet's `cgroupRoot`, and returns its folder for our own
 * processes. All that an instance ever starts stays below `id`, so the kernel keeps the list of what is ours.
 */
export function createCgroup(id: string): string {
  for (const hierarchy of hierarchies()) {
    mkdirSync(join(hierarchy.mount, id), { recursive: true })
    if (hierarchy.unified) delegate(hierarchy.mount, id)
  }
  const daemons = join(tracker(), id, 'daemons')
  mkdirSync(daemons, { recursive: true })
  return daemons
}

/** Kills all processes of the cgroup `id` and removes it from every hierarchy. */
export async function removeCgroup(id: string): Promise<void> {
  await until(`the end of the processes of ${id}`, () => killAll(join(tracker(), id)))
  await removed(
    id,
    hierarchies().map(({ mount }) => join(mount, id)),
  )
}

async function removed(id: string, trees: readonly string[]): Promise<void> {
  await until(`the removal of cgroup ${id}`, () => {
    trees.forEach(removeTree)
    return true
  })
}

/** A cgroup whose processes together get no more of the machine than `cores`. */
export interface Quota {
  /** Words before a program's own that put it there and end by exec. */
  within: readonly string[]
  /** Once its processes have ended. */
  remove(): Promise<void>
}

/** Makes the cgroup `id`, limited as `limits.cpu` of a pod is. Throws where nobody may limit processor time. */
export function createQuota(id: string, cores: number): Quota {
  const found = hierarchyOf('cpu')
  const folder = join(found.mount, id)
  mkdirSync(folder, { recursive: true })
  if (found.unified) delegate(found.mount, id)
  const quota = String(quotaPeriod * cores)
  if (found.unified) writeFileSync(join(folder, 'cpu.max'), `${quota} ${quotaPeriod}`)
  else {
    writeFileSync(join(folder, 'cpu.cfs_period_us'), String(quotaPeriod))
    writeFileSync(join(folder, 'cpu.cfs_quota_us'), quota)
  }
  return { within: joining(folder), remove: () => removed(id, [folder]) }
}

/** Pids of all processes of the cgroup `id`. */
export function processesOf(id: string): number[] {
  return pidsBelow(join(tracker(), id))
}

/** True when nothing was left to kill. */
function killAll(tree: string): boolean {
  const pids = pidsBelow(tree)
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // it ended in between
    }
  }
  return pids.length === 0
}

function pidsBelow(tree: string): number[] {
  return foldersOf(tree).flatMap((folder) => {
    const pids = readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean)
    return pids.map(Number)
  })
}

function removeTree(tree: string): void {
  for (const folder of foldersOf(tree).toReversed()) rmdirSync(folder)
}

/** A folder and those below it, parents first. */
function foldersOf(tree: string): string[] {
  if (!existsSync(tree)) return []
  const inner = readdirSync(tree, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return [tree, ...inner.flatMap((entry) => foldersOf(join(tree, entry.name)))]
}

/** Where our processes are told apart. */
function tracker(): string {
  return hierarchyOf('pids').mount
}

/** That of a controller: the only hierarchy of version 2, one of its own in version 1. */
function hierarchyOf(controller: string): Hierarchy {
  const all = hierarchies()
  const found =
    all.find(({ controllers }) => controllers.includes(controller)) ?? all.find(({ unified }) => unified)
  if (!found)
    throw new Error(`this machine has no cgroup hierarchy mounted with the controller ${controller}`)
  return found
}

/** Lets children of `id` be limited; a controller that the kernel or the machine's owner withholds is left out. */
function delegate(mount: string, id: string): void {
  const available = readFileSync(join(mount, 'cgroup.controllers'), 'utf8').trim().split(' ').filter(Boolean)
  for (const controller of available) {
    for (const folder of [mount, join(mount, id)]) {
      try {
        writeFileSync(join(folder, 'cgroup.subtree_control'), `+${controller}`)
      } catch {
        // withheld
      }
    }
  }
}

function hierarchies(): Hierarchy[] {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n')
  return lines.flatMap((line) => {
    const [place = '', filesystem = ''] = line.split(' - ')
    const [type = '', , options = ''] = filesystem.split(' ')
    if (type !== 'cgroup' && type !== 'cgroup2') return []
    return [
      { mount: place.split(' ')[4] ?? '', unified: type === 'cgroup2', controllers: options.split(',') },
    ]
  })
}
