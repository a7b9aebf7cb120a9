import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse, stringify } from 'yaml'
import { parsePipeline } from '../../operator/api/pipeline.ts'
import { children } from '../../operator/desired/children.ts'
import { scales } from '../../operator/desired/replicas.ts'

/** All children of each sample stand beside this file. `make golden` writes them anew: read the difference. */

const here = new URL('.', import.meta.url)
const samples = new URL('../../samples/', import.meta.url)

for (const file of readdirSync(samples).filter((name) => name.endsWith('.yaml'))) {
  test(`samples/${file} gives the children in test/golden/${file}`, () => {
    const sample = parse(readFileSync(new URL(file, samples), 'utf8'))
    const made = { uid: '7b0c6d3e', generation: 1, creationTimestamp: '2026-01-31T12:00:00Z' }
    const metadata = { namespace: 'kafka', ...sample.metadata, ...made }
    const parsed = parsePipeline({ ...sample, metadata })
    assert.ok(parsed.ok, JSON.stringify(parsed))
    const { topics, deployments, service } = children(parsed.pipeline, {
      image: 'clickstream-runtime',
      topicVersion: 'v1',
      windowGeneration: 1,
      scales: scales(parsed.pipeline, { stopped: new Set(), isSuspended: false, deployments: {} }),
    })
    const objects = [...Object.values(topics), ...Object.values(deployments), service]
    const rendered = objects
      .map((object) => stringify(object, { aliasDuplicateObjects: false }))
      .join('---\n')
    const golden = new URL(file, here)
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, rendered)
    assert.equal(rendered, readFileSync(golden, 'utf8'), 'if this is meant, run: make golden')
  })
}
