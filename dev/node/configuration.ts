import { join } from 'node:path'
import type { Instance } from '../instance.ts'

/** Name that containerd and the image builder know the pause image by. */
export const PAUSE_IMAGE = 'docker.io/library/clickstream-pause:1'

export function containerdSocket({ directory }: Instance): string {
  return join(directory, 'containerd.sock')
}

/** `restrict_oom_score_adj`: without CAP_SYS_RESOURCE, which not every root has, no sandbox would start. */
export function containerd(instance: Instance): string {
  const path = (name: string) => JSON.stringify(join(instance.directory, name))
  return `version = 2
root = ${path('containerd/root')}
state = ${path('containerd/state')}
disabled_plugins = ["io.containerd.internal.v1.tracing", "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]
[grpc]
  address = ${JSON.stringify(containerdSocket(instance))}
[plugins."io.containerd.internal.v1.opt"]
  path = ${path('containerd/opt')}
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = ${path('cni')}
`
}

export function cni({ id, directory, pods }: Instance): string {
  const ipam = {
    type: 'host-local',
    dataDir: join(directory, 'addresses'),
    ranges: [[{ subnet: pods }]],
    routes: [{ dst: '0.0.0.0/0' }],
  }
  const bridge = { type: 'bridge', bridge: 'cni0', isGateway: true, ipMasq: true, hairpinMode: true, ipam }
  const portmap = { type: 'portmap', capabilities: { portMappings: true } }
  return JSON.stringify({ cniVersion: '1.0.0', name: id, plugins: [bridge, portmap] })
}

/** `oomScoreAdj` and `maxOpenFiles` stay within what a root without CAP_SYS_RESOURCE may set. */
export function kubelet(instance: Instance, authority: string): string {
  const { id, directory, inside } = instance
  return JSON.stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: authority },
    },
    authorization: { mode: 'Webhook' },
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${id}`,
    failCgroupV1: false,
    failSwapOn: false,
    oomScoreAdj: 0,
    maxOpenFiles: 20_000,
    containerRuntimeEndpoint: `unix://${containerdSocket(instance)}`,
    podLogsDir: join(directory, 'pod-logs'),
    volumePluginDir: join(directory, 'volume-plugins'),
    resolvConf: join(directory, 'resolv.conf'),
    clusterDNS: [inside],
    clusterDomain: 'cluster.local',
    evictionHard: Object.fromEntries(
      ['memory.available', 'nodefs.available', 'imagefs.available'].map((signal) => [signal, '100Mi']),
    ),
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    enforceNodeAllocatable: ['none'],
  })
}

export function corefile({ inside }: Instance, kubeconfig: string): string {
  return `.:53 {
  bind ${inside}
  errors
  kubernetes cluster.local in-addr.arpa {
    kubeconfig ${kubeconfig}
  }
}
`
}
