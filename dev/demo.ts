import { join } from 'node:path'
import { type Cluster, kubectl, up } from './cluster.ts'
import { deploy } from './deploy.ts'
import { diagnosis } from './diagnosis.ts'
import { buildArchives, loadImages } from './images.ts'
import { firstWindow } from './log.ts'
import { prerequisites } from './prerequisites.ts'
import { elapsed, say, step } from './progress.ts'
import { until } from './until.ts'

const ROOT = join(import.meta.dirname, '..')
const PIPELINE = 'clickstream'

/** The whole product on this machine, from nothing to the first window on the screen. Harmless to repeat. */
export async function runDemo(): Promise<void> {
  const start = Date.now()
  await prerequisites()
  const building = buildArchives()
  building.catch(() => undefined) // awaited below
  const cluster = await up('demo')
  if (!cluster.fresh) say('  ✓ Kubernetes and Kafka already run')
  const archives = await building
  await step('images into the node', () => loadImages(cluster.instance, archives))
  const images = { operator: archives.operator.image, runtime: archives.runtime.image }
  try {
    await step('operator', () => deploy(cluster, images))
    await showPipeline(cluster)
  } catch (error) {
    say(await diagnosis(cluster))
    throw error
  }
  say(ending(cluster, elapsed(Date.now() - start)))
}

/** The sample is applied once: a pipeline that was edited since is the user's. */
async function showPipeline(cluster: Cluster): Promise<void> {
  const existing = await kubectl(cluster, 'get', 'clickstreampipeline', PIPELINE, '--ignore-not-found')
  if (existing === '') await kubectl(cluster, 'apply', '-f', join(ROOT, 'samples', 'pipeline.yaml'))
  const title = existing === '' ? 'first window' : 'newest window'
  const window = step(title, () => firstWindow(cluster, `deployment/${PIPELINE}-consumer`))
  window.catch(() => undefined) // awaited below
  await step(`pipeline ${PIPELINE}`, () => untilPipelineReady(cluster))
  say(`\n${await window}\n`)
}

interface Condition {
  type: string
  status: string
  reason: string
  message: string
}

/** Prints the condition Ready each time its reason or message changes, until it is true. */
async function untilPipelineReady(cluster: Cluster): Promise<void> {
  let shown = ''
  const look = async () => {
    const { status, reason, message } = await readyCondition(cluster)
    const line = `      ${reason.padEnd(22)} ${message}`
    if (line !== shown) say(line)
    shown = line
    return status === 'True'
  }
  await until(`pipeline ${PIPELINE} is Ready`, look, { deadline: 180_000, every: 500 })
}

async function readyCondition(cluster: Cluster): Promise<Condition> {
  const text = await kubectl(cluster, 'get', 'clickstreampipeline', PIPELINE, '-o', 'json')
  const pipeline: { status?: { conditions?: Condition[] } } = JSON.parse(text)
  const found = pipeline.status?.conditions?.find(({ type }) => type === 'Ready')
  return (
    found ?? {
      type: 'Ready',
      status: 'Unknown',
      reason: 'Unseen',
      message: 'The operator has not seen it yet.',
    }
  )
}

function ending({ kubeconfig, kubectl }: Cluster, time: string): string {
  return `The demo runs, after ${time}. Try next:

  export KUBECONFIG=${kubeconfig}
  ${kubectl} get clickstreampipelines
  ${kubectl} edit clickstreampipeline ${PIPELINE}          # a new window size; totals stay exact
  ${kubectl} scale clickstreampipeline ${PIPELINE} --replicas=3   # processors
  ${kubectl} logs --follow deployment/${PIPELINE}-consumer  # every window as it completes
  ${kubectl} port-forward service/${PIPELINE}-consumer 8080 # then open http://localhost:8080
  make demo-down                                    # removes all of it`
}
