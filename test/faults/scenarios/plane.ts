import { setTimeout as pause } from 'node:timers/promises'
import { until } from '../../../dev/until.ts'
import type { KubernetesObject } from '../../../operator/api/kubernetes.ts'
import { ended, same, type Scenario, within } from '../scenario.ts'
import type { Trial } from '../trial.ts'

const outage = (long: boolean) => (long ? 300_000 : 13_000)

export const serverDown: Scenario = {
  fault: 'API server killed, and back after 5 min, after 13 s in the short form',
  expected: `the same process leads again; within a minute ${same}`,
  alone: 'always',
  run: (given) =>
    within(given, async (trial) => {
      const { plane } = given.stage.world
      await trial.start()
      await trial.create()
      await plane.killApiServer()
      await pause(outage(given.long))
      await plane.restartApiServer()
      const start = performance.now()
      await trial.edit()
      return ended(trial, start, { deadline: 60_000 })
    }),
}

export const etcdRestarted: Scenario = {
  fault: 'etcd killed, and started again',
  expected: same,
  alone: 'always',
  run: (given) =>
    within(given, async (trial) => {
      await trial.start()
      await trial.create()
      await given.stage.world.plane.restartEtcd()
      const start = performance.now()
      await until('an edit', () => trial.edit().then(() => true))
      return ended(trial, start, { deadline: 60_000 })
    }),
}

export const kindAbsent: Scenario = {
  fault: 'no CustomResourceDefinition of KafkaTopic, installed later',
  expected: same,
  alone: 'always',
  run: (given) =>
    within(given, async (trial) => {
      const { world } = given.stage
      await given.stage.expected()
      await world.removeTopics()
      await until('no topics', () =>
        trial.list('kafkatopics').then(
          () => false,
          () => true,
        ),
      )
      const start = performance.now()
      await trial.start()
      await trial.put({ producer: { rate: 10 } })
      await until('TopicKindMissing', async () => {
        const object = await trial.get('clickstreampipelines', 'shop')
        return JSON.stringify(object).includes('TopicKindMissing')
      })
      await world.installTopics()
      await trial.tell()
      return ended(trial, start, { deadline: 90_000 })
    }),
}

export const versionSwitch: Scenario = {
  fault: 'KafkaTopic served as v1beta2 only, then as v1 too',
  expected: same,
  alone: 'always',
  run: (given) =>
    within(given, async (trial) => {
      const { stage } = given
      await stage.expected()
      const file = 'config/topics/kafkatopics.yaml'
      await stage.install(file, 'kafka.strimzi.io/v1beta2/kafkatopics', withoutV1)
      await until('no v1', () =>
        trial.list('kafkatopics').then(
          () => false,
          () => true,
        ),
      )
      const start = performance.now()
      await trial.start()
      await trial.create()
      await stage.world.installTopics()
      await trial.edit()
      await until('all topics to be applied as v1', () => appliedAsV1(trial) === 4)
      return ended(trial, start, { deadline: 90_000, writes: 40 })
    }),
}

/** Topics that were written at that version; before it was served there were none. */
const appliedAsV1 = ({ proxy }: Trial): number =>
  new Set(
    proxy.writes().flatMap(({ path }) => /kafka\.strimzi\.io\/v1\/.*\/kafkatopics\/[^/]+$/.exec(path) ?? []),
  ).size

const withoutV1 = (crd: object): object => {
  const { spec, ...rest } = crd as KubernetesObject & { spec: { versions: { name: string }[] } }
  const versions = spec.versions.map((version) =>
    version.name === 'v1' ? { ...version, served: false } : version,
  )
  return { ...rest, spec: { ...spec, versions } }
}
