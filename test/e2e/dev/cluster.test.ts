import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { baseImage } from '../../../dev/base-image.ts'
import { build, save, scratch } from '../../../dev/buildah.ts'
import { processesOf } from '../../../dev/cgroups.ts'
import { type Cluster, down, up } from '../../../dev/cluster.ts'
import { run } from '../../../dev/command.ts'
import { importImage } from '../../../dev/images.ts'
import { instance } from '../../../dev/instance.ts'
import { until } from '../../../dev/until.ts'

const IMAGE = 'docker.io/library/web:1'
const SERVER = `const http = require('node:http')
http.createServer((_, answer) => answer.end(process.env.HOSTNAME)).listen(8080, () => console.log('serving'))
process.on('SIGTERM', () => process.exit(0))`

const place = instance('test')
const skip = process.getuid?.() === 0 ? false : 'needs root'
let cluster: Cluster

before(async () => {
  if (skip) return
  await down('test')
  cluster = await up('test')
})

after(async () => {
  if (!skip) await down('test')
})

test('a second up finds the cluster running', { skip }, async () => {
  const again = await up('test')
  assert.equal(again.fresh, false)
  assert.deepEqual(again.daemons, cluster.daemons)
})

test('restricted pods serve, find each other by name, reach Kafka, and write logs', { skip }, async () => {
  await loadWebImage()
  await kubectl(['apply', '-f', '-'], JSON.stringify(web()))
  await kubectl(['rollout', 'status', 'deployment/web', '--timeout=60s'])
  const inPod = (script: string) => kubectl(['exec', 'deployment/web', '--', 'node', '-e', script])
  const name = await until('an answer of the Service', () =>
    inPod(`fetch('http://web.kafka.svc.cluster.local').then(r => r.text()).then(console.log)`),
  )
  assert.match(name, /^web-/)
  const connect = `require('node:net').connect(9092, 'data-on-eks-kafka-bootstrap', () => process.exit(0))`
  await inPod(connect)
  const direct = `require('node:net').connect(9092, '${place.inside}', () => process.exit(0))`
  await inPod(direct)
  assert.match(await kubectl(['logs', 'deployment/web']), /serving/)
})

test('a port can be forwarded to the machine', { skip }, async (t) => {
  const forward = spawn(cluster.kubectl, [
    '--kubeconfig',
    cluster.kubeconfig,
    'port-forward',
    'service/web',
    ':80',
  ])
  t.after(() => forward.kill())
  const [line] = await once(forward.stdout, 'data')
  const port = /127\.0\.0\.1:(\d+)/.exec(String(line))?.[1]
  const answer = await fetch(`http://127.0.0.1:${port}`)
  assert.match(await answer.text(), /^web-/)
})

test('a pod that breaks the restricted standard is refused', { skip }, async () => {
  await assert.rejects(kubectl(['run', 'bad', `--image=${IMAGE}`]), /violates PodSecurity "restricted/)
})

test('after the death of all its processes the cluster comes up again', { skip }, async () => {
  for (const pid of processesOf(place.id)) process.kill(pid, 'SIGKILL')
  const next = await up('test')
  assert.equal(next.fresh, true)
  assert.match(await kubectl(['get', 'nodes']), / Ready /)
})

test('down leaves nothing behind', { skip }, async () => {
  assert.equal(await down('test'), true)
  assert.deepEqual(processesOf(place.id), [])
  assert.equal(existsSync(place.directory), false)
  assert.doesNotMatch(await run(['ip', 'netns', 'list']), /clickstream-test/)
  assert.doesNotMatch(await run(['ip', 'link']), /cs-test/)
  assert.equal(await run(['find', '/sys/fs/cgroup', '-name', place.id]), '')
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
  assert.doesNotMatch(mounts, /clickstream-test|clickstream-operator\/test/)
  assert.equal(await down('test'), false)
})

function kubectl(words: readonly string[], input = ''): Promise<string> {
  return run([cluster.kubectl, '--kubeconfig', cluster.kubeconfig, ...words], { input })
}

function loadWebImage(): Promise<void> {
  return scratch(async (context) => {
    const containerfile = join(context, 'Containerfile')
    const file = join(context, 'web.tar')
    writeFileSync(join(context, 'web.cjs'), SERVER)
    writeFileSync(
      containerfile,
      'ARG BASE\nFROM ${BASE}\nCOPY web.cjs /web.cjs\nENTRYPOINT ["node", "/web.cjs"]\n',
    )
    await build({ context, containerfile, image: IMAGE, base: await baseImage() })
    await save(IMAGE, file)
    await importImage(place, file)
  })
}

function web(): object {
  const labels = { app: 'web' }
  const container = {
    name: 'web',
    image: 'web:1',
    ports: [{ containerPort: 8080 }],
    readinessProbe: { httpGet: { port: 8080, path: '/' }, periodSeconds: 1 },
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  }
  const pod = {
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [container],
  }
  const spec = {
    replicas: 2,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: pod },
  }
  const ports = [{ port: 80, targetPort: 8080 }]
  return {
    apiVersion: 'v1',
    kind: 'List',
    items: [
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec },
      { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { selector: labels, ports } },
    ],
  }
}
