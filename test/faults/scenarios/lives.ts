import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { until } from '../../../dev/until.ts'
import type { Condition, Deployment } from '../../../operator/api/kubernetes.ts'
import type { PipelinesOptions } from '../../../operator/pipelines.ts'
import type { Summary } from '../../../runtime/summary.ts'
import type { Trial } from '../trial.ts'

/** A part of a life: what somebody wants, and what shows that others have done their share in it. */
interface Chapter {
  name: string
  act(trial: Trial): Promise<unknown>
  over(trial: Trial): Promise<unknown>
}

/** What a pipeline goes through, while the operator is killed at a call of one of its chapters. */
export interface Life {
  /** Of its operators. */
  options: Partial<PipelinesOptions>
  chapters: readonly Chapter[]
  /** The chapter with which the calls begin at which it is killed: those before are another life's. */
  from: string
  /** Who else is there. */
  beside?(trial: Trial): Promise<void>
  /** What must be so of its calls, however it went. */
  judge?(trial: Trial): void
}

/** Once it is known which topics are served, that is not asked again: which call is the nth would hang on the time. */
const calm = { discoveryEvery: { present: 600_000, absent: 1_000 } }

type Known = Deployment & { spec: { replicas: number } }

/** The deployment controller has done what the Deployments say: until then their status is of what was asked before. */
const rolledOut = (trial: Trial): Promise<unknown> =>
  until(
    'the pods',
    async () => {
      const deployments = (await trial.list('deployments')) as Known[]
      const isDone = ({ metadata, spec, status }: Known) =>
        status?.observedGeneration === metadata.generation && (status?.replicas ?? 0) === spec.replicas
      return deployments.length === 3 && deployments.every(isDone)
    },
    { every: 250 },
  )

/** Waits until the pipeline says so: `Ready=True`. */
const says = (trial: Trial, words: string, deadline = 30_000): Promise<unknown> =>
  until(
    words,
    async () => {
      const object = await trial.get('clickstreampipelines', 'shop')
      const { conditions = [] } = (object as { status?: { conditions?: Condition[] } }).status ?? {}
      return conditions.some(({ type, status }) => `${type}=${status}` === words)
    },
    { deadline, every: 250 },
  )

const gone = (trial: Trial): Promise<unknown> =>
  until(
    'the end of the pipeline and its pods',
    async () => {
      const lists = ['clickstreampipelines', 'deployments', 'services'].map((plural) => trial.list(plural))
      return (await Promise.all(lists)).flat().length === 0
    },
    { deadline: 90_000, every: 250 },
  )

const edit = (name: string, spec: object, over = rolledOut): Chapter => ({
  name,
  act: (trial) => trial.put(spec),
  over,
})
const remove: Chapter = { name: 'delete', act: (trial) => trial.remove(), over: gone }

/** No processors from the start: nothing is to be drained, and the suspension ends as soon as the producer has stopped. */
const made = { producer: { rate: 10 }, processor: { replicas: 0 }, deletionPolicy: 'Delete' }
const edited = { ...made, producer: { rate: 77 }, topics: { events: { partitions: 8 } } }

export const whole: Life = {
  from: 'create',
  options: calm,
  chapters: [
    edit('create', made),
    edit('edit', edited),
    edit('suspend', { ...edited, suspend: true }, async (trial) => {
      await rolledOut(trial)
      await says(trial, 'Suspended=True')
    }),
    remove,
  ],
}

/** The topics are to stay, which was not so at first. */
export const kept: Life = {
  from: 'edit',
  options: calm,
  chapters: [edit('create', made), edit('edit', { ...made, deletionPolicy: 'Retain' }), remove],
}

const running = { producer: { rate: 10 }, processor: { window: { size: '1m' } } }

/** What a consumer says of a log that holds no event; only its lag counts here. */
const summary = (lag: number): Summary => ({
  pipeline: 'shop',
  lastWindow: null,
  eventsPerSecond: null,
  freshnessSeconds: null,
  lag,
  lateEvents: null,
  invalidEvents: null,
  newestEvent: null,
  windows: 0,
  totalEvents: null,
  repeatedWindows: 0,
})

/** Plays the kubelet: every pod is ready, until the trial ends. */
const kubelet = async (trial: Trial): Promise<void> => {
  const at = { lastTransitionTime: '2026-01-01T00:00:00Z', lastProbeTime: null, status: 'True' }
  const conditions = ['Ready', 'ContainersReady'].map((type) => ({ type, ...at }))
  const started = new Set<string>()
  while (!trial.ended.aborted) {
    for (const { metadata } of await trial.list('pods').catch(() => [])) {
      if (started.has(metadata.name)) continue
      started.add(metadata.name)
      const request = {
        method: 'PATCH',
        path: `/api/v1/namespaces/${trial.namespace}/pods/${metadata.name}/status`,
        contentType: 'application/merge-patch+json',
        body: { status: { phase: 'Running', conditions } },
      } as const
      await trial.stage.world.admin.request(request).catch(() => {})
    }
    await pause(200)
  }
}

/** Longer than a reading must be younger than the last producer, which is half a minute. */
const countingTakes = 34_000

/** Producers go first, then the processors count what waits, and only when they are known to have done so they go too. */
export const drained = (): Life => {
  let since = Infinity
  return {
    from: 'suspend',
    options: {
      ...calm,
      ask: () => Promise.resolve(summary(performance.now() - since < countingTakes ? 7 : 0)),
    },
    beside: kubelet,
    chapters: [
      edit('create', running, (trial) => says(trial, 'Ready=True')),
      {
        name: 'suspend',
        act(trial) {
          since = performance.now()
          return trial.put({ ...running, suspend: true })
        },
        async over(trial) {
          await says(trial, 'Suspended=True', 120_000)
          await rolledOut(trial)
        },
      },
      edit('resume', running, (trial) => says(trial, 'Ready=True')),
    ],
    judge: stopsInOrder,
  }
}

const stopsInOrder = ({ proxy }: Trial): void => {
  const writes = proxy.writes()
  const first = (path: string, words: string) =>
    writes.findIndex((call) => call.path.endsWith(path) && call.body.includes(words))
  const verdict = first('/shop/status', '"drained":true')
  const [producer, processor] = ['producer', 'processor'].map((role) =>
    first(`/deployments/shop-${role}`, '"replicas":0'),
  ) as [number, number]
  assert.ok(producer >= 0 && producer < verdict, 'the producer did not stop before the verdict')
  assert.ok(verdict < processor, 'the processors stopped before the verdict')
}
