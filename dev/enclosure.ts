import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createCgroup, joining, removeCgroup } from './cgroups.ts'
import { run } from './command.ts'
import type { Instance } from './instance.ts'
import { type Daemon, launch, type Placement, untilReady } from './process.ts'

export interface Enclosure {
  /** Keeps the mount namespace. */
  holder: Daemon
  /** For processes that are to run inside. */
  placement: Placement
}

/**
 * What the kubelet wants to find in these, or else writes to the whole machine's. Inside, files with the wanted
 * values lie over them.
 */
const TUNABLES = {
  'vm/overcommit_memory': 1,
  'vm/panic_on_oom': 0,
  'kernel/panic': 10,
  'kernel/panic_on_oops': 1,
  'kernel/keys/root_maxkeys': 1_000_000,
  'kernel/keys/root_maxbytes': 25_000_000,
}

/**
 * Encloses an instance in a network namespace, a mount namespace and a cgroup of its own. Mounts of containers,
 * rules of kube-proxy, pods' links and the fixed paths that containerd, the kubelet and CNI write to (/run,
 * /var/lib, /var/log) are inside only, and vanish with the last process.
 */
export async function enclose(instance: Instance): Promise<Enclosure> {
  const cgroup = createCgroup(instance.id)
  await createNetwork(instance)
  // As the shell that joins the cgroup, so nsenter and unshare become the program by exec.
  const network = [...joining(cgroup), 'nsenter', `--net=/run/netns/${instance.id}`]
  const holder = await hold(instance, [...network, '--', 'unshare', '--mount', '--propagation=private', '--'])
  return {
    holder,
    placement: { lifetime: 'detached', within: [...network, `--mount=/proc/${holder.pid}/ns/mnt`, '--'] },
  }
}

/** Kills all that runs inside and removes what `enclose` made. */
export async function disclose({ id, link }: Instance): Promise<void> {
  await removeCgroup(id)
  // Before the namespace: the kernel would remove it too, but some time later.
  if (existsSync(`/sys/class/net/${link}`)) await run(['ip', 'link', 'delete', link])
  if (existsSync(`/run/netns/${id}`)) await run(['ip', 'netns', 'delete', id])
}

async function createNetwork({ id, link, outside, inside }: Instance): Promise<void> {
  const machine = [
    `netns add ${id}`,
    `link add ${link} type veth peer name eth0 netns ${id}`,
    `address add ${outside}/30 dev ${link}`,
    `link set ${link} up`,
  ]
  const within = [
    'link set lo up',
    `address add ${inside}/30 dev eth0`,
    'link set eth0 up',
    `route add default via ${outside}`,
  ]
  await run(['ip', '-batch', '-'], { input: machine.join('\n') })
  await run(['ip', '-netns', id, '-batch', '-'], { input: within.join('\n') })
  const forward = 'echo 1 > /proc/sys/net/ipv4/ip_forward'
  await run(['nsenter', `--net=/run/netns/${id}`, '--', 'sh', '-c', forward])
}

async function hold({ directory }: Instance, within: string[]): Promise<Daemon> {
  const ready = join(directory, 'holder.ready')
  const script = [
    'set -e',
    'mount --make-rshared /', // volumes the kubelet mounts must reach containerd; the machine's are cut off already
    ...['/run', '/var/lib', '/var/log'].map((path) => `mount -t tmpfs tmpfs ${path}`),
    ...Object.entries(TUNABLES).map(([name, value]) => coverTunable(directory, name, value)),
    `touch ${ready}`,
    'exec sleep infinity',
  ]
  const argv = ['sh', '-c', script.join('\n')]
  const holder = await launch({
    name: 'holder',
    argv,
    log: join(directory, 'holder.log'),
    lifetime: 'detached',
    within,
  })
  await untilReady(holder, async () => existsSync(ready))
  return holder
}

function coverTunable(directory: string, name: string, value: number): string {
  const folder = join(directory, 'tunables')
  const file = join(folder, name.replaceAll('/', '.'))
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, `${value}\n`)
  return `[ ! -e /proc/sys/${name} ] || mount --bind ${file} /proc/sys/${name}`
}
