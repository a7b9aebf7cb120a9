import assert from 'node:assert/strict'
import { Kafka, logLevel } from 'kafkajs'
import { until } from '../../../dev/until.ts'
import { exactly, type Scenario, story } from '../scenario.ts'
import type { Trial } from '../trial.ts'

/** What the tools of an administrator do: sets a group's offsets by the admin API. */
const moveToStart = async (trial: Trial): Promise<void> => {
  const brokers = trial.options.stage.direct.split(',')
  const admin = new Kafka({ brokers, clientId: 'another', logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  try {
    const partitions = [0, 1, 2, 3, 4, 5].map((partition) => ({ partition, offset: '0' }))
    await admin.setOffsets({ groupId: trial.groups.processor, topic: trial.topics.events, partitions })
  } finally {
    await admin.disconnect()
  }
}

export const movedWhileRunning: Scenario = {
  fault: 'group offsets moved by another while processors run',
  expected: `refused by the broker, as the group has members; ${exactly}`,
  on: 'broker',
  run: (given) =>
    story(given, { replicas: 2, window: { size: 1_000, slide: 1_000 } }, async (trial) => {
      await assert.rejects(moveToStart(trial))
      await trial.windows(2)
      return 'refused'
    }),
}

export const movedWhileStopped: Scenario = {
  fault: 'group offsets moved by another while no processor runs',
  expected: `every partition stops with a clear error and its liveness probe fails; put back, ${exactly}`,
  on: 'broker',
  run: (given) =>
    story(given, { replicas: 1, window: { size: 1_000, slide: 1_000 } }, async (trial) => {
      const [pod] = trial.pods
      if (pod !== undefined) await trial.stop(pod)
      const { stage } = trial.options
      const topic = trial.topics.events
      const before = await stage.witness.positions(trial.groups.processor, topic)
      await moveToStart(trial)
      const published = trial.results.length
      const [stopped] = await trial.add()
      assert.ok(stopped)
      const why = await until('a failing probe', async () => {
        const { ok, text } = await stopped.probe('/healthz')
        return !ok && text
      })
      assert.match(why, /metadata of the committed position/)
      await trial.stop(stopped)
      assert.equal(trial.results.length, published)
      const lease = await stage.log.lease(`${trial.options.name}.repair`, AbortSignal.timeout(10_000))
      const positions = before.map((position) => ({ topic, ...position }))
      await lease.commit({ appends: [], group: trial.groups.processor, positions })
      await trial.add()
      await trial.windows(2)
      return `stopped: "${why.trim()}"; then put back`
    }),
}
