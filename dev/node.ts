import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { get } from './apiserver.ts'
import { coredns, kubernetes } from './binaries.ts'
import { run } from './command.ts'
import type { ControlPlane } from './controlplane.ts'
import type { Instance } from './instance.ts'
import * as configuration from './node/configuration.ts'
import { type Daemon, launch, type Placement, untilReady } from './process.ts'

export interface NodeOptions {
  instance: Instance
  placement: Placement
}

/** Starts containerd and resolves when it answers. Needs no API server. */
export async function startContainerd({ instance, placement }: NodeOptions): Promise<Daemon> {
  const config = write(instance, 'containerd.toml', configuration.containerd(instance))
  write(instance, 'cni/network.conflist', configuration.cni(instance))
  const daemon = await start({ instance, placement }, ['containerd', '--config', config])
  await untilReady(daemon, () => run([...ctr(instance), 'version']).then(() => true))
  return daemon
}

/** Words of a ctr command on the instance's images. */
export function ctr(instance: Instance): string[] {
  return ['ctr', '--address', configuration.containerdSocket(instance), '--namespace', 'k8s.io']
}

/** Starts what makes the machine a node, and DNS; resolves when the node is Ready. */
export async function startNode(options: NodeOptions, plane: ControlPlane): Promise<Daemon[]> {
  const { instance } = options
  const kubeconfig = plane.credentials.kubeconfig
  const kubeletConfig = configuration.kubelet(instance, plane.certificates.authority)
  write(instance, 'resolv.conf', '')
  const daemons = await Promise.all([
    start(options, [
      await kubernetes('kubelet'),
      `--config=${write(instance, 'kubelet.json', kubeletConfig)}`,
      `--kubeconfig=${kubeconfig('kubelet')}`,
      '--hostname-override=node1',
      `--node-ip=${instance.inside}`,
      `--root-dir=${join(instance.directory, 'kubelet')}`,
      `--cert-dir=${join(instance.directory, 'kubelet-keys')}`,
    ]),
    start(options, [
      await kubernetes('kube-scheduler'),
      `--kubeconfig=${kubeconfig('kube-scheduler')}`,
      '--leader-elect=false',
      '--secure-port=0',
    ]),
    start(options, [
      await kubernetes('kube-proxy'),
      `--kubeconfig=${kubeconfig('kube-proxy')}`,
      '--proxy-mode=nftables',
      `--cluster-cidr=${instance.pods}`,
      '--hostname-override=node1',
      '--oom-score-adj=0',
      '--conntrack-max-per-core=0',
    ]),
    start(options, [
      await coredns(),
      '-conf',
      write(instance, 'Corefile', configuration.corefile(instance, kubeconfig('admin'))),
    ]),
  ])
  await Promise.all(daemons.map((daemon) => untilReady(daemon, () => nodeReady(plane))))
  return daemons
}

async function nodeReady({ api }: ControlPlane): Promise<boolean> {
  const node = await get(api, '/api/v1/nodes/node1')
  return /"type":"Ready","status":"True"/.test(node)
}

function start({ instance, placement }: NodeOptions, argv: readonly string[]): Promise<Daemon> {
  const name = argv[0]?.split('/').at(-1) ?? ''
  return launch({ name, argv, log: join(instance.directory, `${name}.log`), ...placement })
}

function write({ directory }: Instance, name: string, content: string): string {
  const file = join(directory, name)
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, content)
  return file
}
