import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { strimziTopicCrd } from './strimzi/crd.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const read = (path: string) => parse(readFileSync(path, 'utf8'), { merge: true })

/** A CRD without its prose. */
const bare = (crd: unknown) =>
  JSON.parse(
    JSON.stringify(crd, (key, value) =>
      key === 'description' && typeof value === 'string' ? undefined : value,
    ),
  )

test("our KafkaTopic has Strimzi's names, fields, bounds and columns, in both versions", async (t) => {
  const path = await strimziTopicCrd()
  if (path === undefined) return t.skip('needs Java 21')
  const { spec: strimzi } = bare(read(path))
  const { spec: ours } = bare(read(join(ROOT, 'config', 'topics', 'kafkatopics.yaml')))
  for (const field of ['group', 'names', 'scope', 'conversion']) assert.deepEqual(ours[field], strimzi[field])
  const [version] = strimzi.versions
  assert.deepEqual(ours.versions, [
    { ...version, name: 'v1', storage: true },
    { ...version, name: 'v1beta2', storage: false },
  ])
})
