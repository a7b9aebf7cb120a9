import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from './until.ts'

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
  const trees = hierarchies().map(({ mount }) => join(mount, id))
  await until(`the removal of cgroup ${id}`, () => {
    trees.forEach(removeTree)
    return true
  })
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

/** Where our processes are told apart: the only hierarchy of version 2, that of `pids` in version 1. */
function tracker(): string {
  const all = hierarchies()
  const found =
    all.find(({ controllers }) => controllers.includes('pids')) ?? all.find(({ unified }) => unified)
  if (!found) throw new Error('this machine has no cgroup hierarchy mounted that counts pids')
  return found.mount
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
