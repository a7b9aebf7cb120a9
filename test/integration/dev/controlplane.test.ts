import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { get } from '../../../dev/apiserver.ts'
import { startControlPlane } from '../../../dev/controlplane.ts'
import { alive } from '../../../dev/process.ts'

test('a control plane answers, keeps its objects over a crash of its API server, and leaves no process', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'plane-'))
  const plane = await startControlPlane({ directory })
  t.after(async () => {
    await plane.stop()
    rmSync(directory, { recursive: true })
  })
  const before = await get(plane.api, '/api/v1/namespaces/kube-system')
  await plane.killApiServer()
  await plane.restartApiServer()
  assert.equal(uid(await get(plane.api, '/api/v1/namespaces/kube-system')), uid(before))
  const daemons = plane.daemons
  assert.deepEqual(daemons.map(({ name }) => name).sort(), [
    'etcd',
    'kube-apiserver',
    'kube-controller-manager',
  ])
  await plane.stop()
  assert.deepEqual(daemons.filter(alive), [])
})

function uid(namespace: string): string | undefined {
  return /"uid":"([^"]+)"/.exec(namespace)?.[1]
}
