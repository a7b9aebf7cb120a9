import assert from 'node:assert/strict'
import { until } from '../../../dev/until.ts'
import type { Deployment } from '../../../operator/api/kubernetes.ts'
import { type Scenario, within } from '../scenario.ts'
import type { Trial } from '../trial.ts'

const topics = { events: { partitions: 6 } }

interface Target {
  /** Of the pipeline. */
  name: string
  /** Path of what is scaled, within its namespace. */
  path: (namespace: string) => string
  processor: object
}

/** A Deployment whose replicas are handed over, and a pipeline in whose spec nobody else sets them. */
const targets: readonly Target[] = [
  {
    name: 'handed',
    path: (namespace) => `/apis/apps/v1/namespaces/${namespace}/deployments/handed-processor`,
    processor: { autoscaled: true },
  },
  {
    name: 'whole',
    path: (namespace) => `/apis/clickstream.dev/v1alpha1/namespaces/${namespace}/clickstreampipelines/whole`,
    processor: {},
  },
]

/** The pipeline with another window in each round, so that the processors are written, too. */
const edit = (trial: Trial, { name, processor }: Target, round: number): Promise<unknown> =>
  trial.put({ topics, processor: { ...processor, window: { size: `${round}s` } } }, name)

/** What HorizontalPodAutoscaler and KEDA do: they write the scale of a target, with a field manager of their own. */
const scale = (trial: Trial, { path }: Target, replicas: number): Promise<unknown> =>
  trial.stage.world.admin.request({
    method: 'PATCH',
    path: `${path(trial.namespace)}/scale`,
    query: { fieldManager: 'horizontal-pod-autoscaler' },
    contentType: 'application/merge-patch+json',
    body: { spec: { replicas } },
  })

/** The processors have the window of the round; gives how many there shall be. */
const edited = async (trial: Trial, { name }: Target, round: number): Promise<number | undefined> =>
  until(`${name}: the edit of round ${round}`, async () => {
    const deployment = (await trial.get('deployments', `${name}-processor`)) as Deployment | undefined
    const env = deployment?.spec.template.spec.containers[0]?.env ?? []
    const isThere = env.some((one) => one.name === 'WINDOW_SIZE_MS' && one.value === `${round}000`)
    return isThere && deployment?.spec.replicas
  })

export const autoscaled: Scenario = {
  fault:
    'an autoscaler writes /scale of a Deployment that is handed over, and of a pipeline, while edits flow',
  expected: 'each edit arrives, and so many pods are wanted as it wrote last; a second pass writes nothing',
  run: (given) =>
    within(given, async (trial) => {
      const rounds = given.long ? 60 : 12
      await trial.start()
      const live = async (target: Target) => {
        await edit(trial, target, 1)
        await edited(trial, target, 1)
        for (let round = 2; round <= rounds; round += 1) {
          const replicas = (round * 5) % 7
          await Promise.all([edit(trial, target, round), scale(trial, target, replicas)])
          await edited(trial, target, round)
          const wanted = async () => (await edited(trial, target, round)) === replicas
          if (target.name === 'whole') await until(`${replicas} processors`, wanted)
          assert.equal(await edited(trial, target, round), replicas, `${target.name} in round ${round}`)
        }
      }
      await Promise.all(targets.map(live))
      const [conflicts, writes] = [409, 200].map(
        (status) => trial.proxy.writes().filter((call) => call.status === status).length,
      )
      const requests = trial.proxy.since(0).length
      await trial.secondPass()
      return `${rounds} rounds; ${requests} requests, ${writes} writes, ${conflicts} refused as the autoscaler had been there meanwhile`
    }),
}
