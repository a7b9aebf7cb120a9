import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import * as k8s from '@kubernetes/client-node'
import { parse } from 'yaml'
import { startControlPlane, type ControlPlane } from '../../../dev/controlplane.ts'
import { apiVersion, group, version } from '../../../operator/api/crd.ts'
import { parsePipeline } from '../../../operator/api/pipeline.ts'
import { specCases } from '../../inputs/specs.ts'

const directory = mkdtempSync(join(tmpdir(), 'clickstream-specs-'))
let plane: ControlPlane
let objects: k8s.CustomObjectsApi

const collection = { group, version, namespace: 'default', plural: 'clickstreampipelines' }

before(async () => {
  plane = await startControlPlane({ directory })
  const config = new k8s.KubeConfig()
  config.loadFromFile(plane.kubeconfig)
  objects = config.makeApiClient(k8s.CustomObjectsApi)
  const definition = parse(await readFile('crds/clickstreampipelines.yaml', 'utf8'))
  const crds = { group: 'apiextensions.k8s.io', version: 'v1', plural: 'customresourcedefinitions' }
  await objects.createClusterCustomObject({ ...crds, body: definition })
  const deadline = Date.now() + 20_000
  while (!(await served()) && Date.now() < deadline) await pause(50)
})

const served = () =>
  objects.listNamespacedCustomObject(collection).then(
    () => true,
    () => false,
  )

after(async () => {
  await plane?.stop()
  rmSync(directory, { recursive: true, force: true })
})

/** The API server's words when it refuses; undefined when it accepts. */
const refusal = async (action: () => Promise<unknown>): Promise<string | undefined> => {
  try {
    await action()
    return undefined
  } catch (error) {
    if (!(error instanceof k8s.ApiException)) throw error
    assert.equal(error.code, 422, String(error.body))
    return JSON.parse(String(error.body)).message
  }
}

let sequence = 0
for (const { title, name = `case-${++sequence}`, before: old, spec, fault } of specCases) {
  const object = (wanted: unknown) => ({
    apiVersion,
    kind: 'ClickstreamPipeline',
    metadata: { name, namespace: 'default' },
    spec: wanted,
  })

  test(`${title}: the API server ${fault ? 'refuses it, says where and what to do' : 'takes it'}`, async () => {
    if (old !== undefined) await objects.createNamespacedCustomObject({ ...collection, body: object(old) })
    const said = await refusal(async () => {
      if (old === undefined)
        return objects.createNamespacedCustomObject({ ...collection, body: object(spec) })
      const { metadata } = await objects.getNamespacedCustomObject({ ...collection, name })
      return objects.replaceNamespacedCustomObject({
        ...collection,
        name,
        body: { ...object(spec), metadata },
      })
    })
    if (fault === undefined) assert.equal(said, undefined)
    else assert.match(said ?? 'it was accepted', fault.server)
  })

  test(`${title}: the parser gives the same verdict`, () => {
    const parsed = parsePipeline({ ...object(spec), kind: 'ClickstreamPipeline' })
    const expected =
      fault === undefined ? undefined : fault.parser === undefined ? fault.server : fault.parser
    if (expected === undefined || expected === null) assert.deepEqual(parsed.ok || parsed.faults, true)
    else assert.match(parsed.ok ? 'it was accepted' : parsed.faults.join('\n'), expected)
  })
}

test('the parser fills in the defaults that the API server fills in', async () => {
  const body = {
    apiVersion,
    kind: 'ClickstreamPipeline',
    metadata: { name: 'defaults', namespace: 'default' },
  }
  const spec = { kafka: { cluster: 'data-on-eks' } }
  const stored = await objects.createNamespacedCustomObject({ ...collection, body: { ...body, spec } })
  const parsed = parsePipeline({ ...body, kind: 'ClickstreamPipeline', spec })
  assert.ok(parsed.ok)
  assert.deepEqual(parsed.pipeline.spec, stored.spec)
  assert.deepEqual(stored.status, { observedGeneration: -1 })
})
