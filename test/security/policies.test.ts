import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse, parseAllDocuments } from 'yaml'
import type { Deployment } from '../../operator/api/kubernetes.ts'
import { summaryUrl } from '../../operator/flow/consumer.ts'
import { pipeline, wanted } from '../../operator/testing/pipelines.ts'

/** Which connections config/policies leaves open, by the rules of NetworkPolicy: what a policy selects may do only what one allows. */

type Labels = Record<string, string>
interface Selector {
  matchLabels?: Labels
}
interface Peer {
  podSelector?: Selector
  namespaceSelector?: Selector
}
interface Rule {
  from?: Peer[]
  to?: Peer[]
  ports: { protocol: string; port: number; endPort?: number }[]
}
interface Policy {
  spec: { podSelector: Selector; ingress: Rule[]; egress: Rule[] }
}
interface Budget {
  metadata: { name: string }
  spec: { maxUnavailable: number; selector: Selector }
}

const root = join(import.meta.dirname, '..', '..')
const text = (file: string) => readFileSync(join(root, 'config', file), 'utf8')
const objects = <T>(file: string): T[] =>
  parseAllDocuments(text(file)).map((document) => document.toJS() as T)
const policies = objects<Policy>('policies/networkpolicies.yaml')

/** A pod, or an address outside, as policies see it. */
interface Place {
  labels?: Labels
  namespace: string
}
const labelsOf = ({ spec }: Deployment): Labels => spec.template.metadata?.labels ?? {}
const { deployments, service } = wanted(pipeline({}, { namespace: 'kafka' }))
const controllerPod = (folder: string): Place => ({
  labels: labelsOf(parse(text(`${folder}/deployment.yaml`))),
  namespace: 'kafka',
})
const places = {
  producer: { labels: labelsOf(deployments.producer), namespace: 'kafka' },
  processor: { labels: labelsOf(deployments.processor), namespace: 'kafka' },
  consumer: { labels: labelsOf(deployments.consumer), namespace: 'kafka' },
  operator: controllerPod('operator'),
  topics: controllerPod('topics'),
  prometheus: { labels: { app: 'prometheus' }, namespace: 'monitoring' },
  stranger: { labels: { app: 'shell' }, namespace: 'kafka' },
  internet: { namespace: '' },
} satisfies Record<string, Place>

const matches = ({ matchLabels = {} }: Selector, labels: Labels): boolean =>
  Object.entries(matchLabels).every(([name, value]) => labels[name] === value)
const isPeer = ({ podSelector, namespaceSelector }: Peer, { labels, namespace }: Place): boolean =>
  labels !== undefined &&
  (podSelector === undefined || matches(podSelector, labels)) &&
  (namespaceSelector === undefined
    ? namespace === 'kafka'
    : matches(namespaceSelector, { 'kubernetes.io/metadata.name': namespace }))
const isOpen = (rule: Rule, other: Place, port: number): boolean => {
  const peers = rule.from ?? rule.to
  return (
    rule.ports.some((range) => range.port <= port && port <= (range.endPort ?? range.port)) &&
    (peers === undefined || peers.some((peer) => isPeer(peer, other)))
  )
}
const allowed = (from: Place, to: Place, port: number): boolean => {
  const about = ({ labels }: Place) =>
    policies.filter(({ spec }) => labels !== undefined && matches(spec.podSelector, labels))
  const [out, into] = [about(from), about(to)]
  const leaves =
    out.length === 0 || out.some(({ spec }) => spec.egress.some((rule) => isOpen(rule, to, port)))
  const enters =
    into.length === 0 || into.some(({ spec }) => spec.ingress.some((rule) => isOpen(rule, from, port)))
  return leaves && enters
}
const port = Number(new URL(summaryUrl({ namespace: 'kafka', name: 'clickstream' })).port)

test('the operator reaches consumers, Prometheus reaches all, and nobody else reaches a pod', () => {
  assert.equal(port, 8080)
  assert.equal(service.metadata.name, 'clickstream-consumer')
  const pods = ['producer', 'processor', 'consumer', 'operator', 'topics'] as const
  const open = Object.entries(places).flatMap(([name, from]) =>
    pods
      .filter((pod) => from !== places[pod] && allowed(from, places[pod], port))
      .map((pod) => `${name} → ${pod}`),
  )
  assert.deepEqual(open, ['operator → consumer', ...pods.map((pod) => `prometheus → ${pod}`)])
})

test('pods reach brokers and names, the controllers the API server, and nothing else', () => {
  const ports = {
    dns: 53,
    brokers: 9092,
    'brokers with TLS': 9094,
    'API server': 6443,
    'its Service': 443,
    web: 80,
    metadata: 8080,
  }
  const open = (from: Place) =>
    Object.entries(ports)
      .filter(([, number]) => allowed(from, places.internet, number))
      .map(([what]) => what)
  const data = ['dns', 'brokers', 'brokers with TLS']
  assert.deepEqual(open(places.producer), data)
  assert.deepEqual(open(places.processor), data)
  assert.deepEqual(open(places.consumer), data)
  assert.deepEqual(open(places.operator), ['dns', 'API server', 'its Service'])
  assert.deepEqual(open(places.topics), [...data, 'API server', 'its Service'])
})

test('a drain takes one pod of a role at a time, and never waits for a single one', () => {
  const budgets = objects<Budget>('policies/disruptionbudgets.yaml')
  for (const { spec } of budgets) assert.equal(spec.maxUnavailable, 1)
  const chosen = (place: Place) =>
    budgets
      .filter(({ spec }) => matches(spec.selector, place.labels ?? {}))
      .map(({ metadata }) => metadata.name)
  assert.deepEqual(chosen(places.producer), ['clickstream-producer'])
  assert.deepEqual(chosen(places.processor), ['clickstream-processor'])
  assert.deepEqual(chosen(places.consumer), ['clickstream-consumer'])
  assert.deepEqual(chosen(places.operator), ['clickstream-operator'])
})
