import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { kill, stop } from '../../../dev/process.ts'
import { until } from '../../../dev/until.ts'
import { isLease } from '../proxy.ts'
import { edited, type Replica, Replicas } from '../replicas.ts'
import { type Given, same, type Scenario, seconds, within } from '../scenario.ts'

/** Three replicas, of which one leads and writes, while somebody edits; and in the end the objects of a run without fault. */
const three = (
  given: Given,
  work: (replicas: Replicas, leader: Replica) => Promise<string>,
): Promise<string> =>
  within(given, async (trial) => {
    const replicas = new Replicas(given, trial)
    try {
      for (const name of ['one', 'two', 'three']) await replicas.start(name)
      replicas.edit()
      const leader = await until('a leader', () => replicas.writer(), { deadline: 60_000 })
      await pause(3_000) // the others look at the lease at least once
      const told = await work(replicas, leader)
      await replicas.rest()
      await trial.remove(edited)
      await trial.tell()
      await trial.settled(30_000)
      assert.deepEqual(replicas.intruders(), [])
      const [requests, written] = [replicas.requests(), replicas.writes()]
      // An edit is written, and told in the status; who takes over, and the two pipelines that come and go, need some more.
      const most = 2 * replicas.edits + 100
      assert.ok(written <= most, `${written} writes for ${replicas.edits} edits`)
      await replicas.end()
      await trial.start()
      await trial.secondPass()
      return `${told}; ${requests} requests, ${written} writes of ${most}, none of them by another than the holder`
    } finally {
      await replicas.end()
    }
  })

const neverTwo = `no write by another than the holder of the lease; within 30 s ${same}`

export const leaderKilled: Scenario = {
  fault: 'leader of three replicas killed; the next one asked to end',
  expected: `a successor writes within 25 s, and after a release within 6 s; ${neverTwo}`,
  run: (given) =>
    three(given, async (replicas, leader) => {
      await kill(leader.daemon)
      const took = await replicas.another(leader, 25_000)
      const second = replicas.writer() ?? leader
      await pause(5_000)
      const ending = stop(second.daemon)
      const handed = await replicas.another(second, 6_000)
      await ending
      return `${seconds(took)} after SIGKILL, ${seconds(handed)} after SIGTERM`
    }),
}

export const leaderStopped: Scenario = {
  fault: 'leader of three replicas stopped for 30 s by SIGSTOP, then SIGCONT',
  expected: `a successor writes within 25 s; who comes back writes nothing; ${neverTwo}`,
  run: (given) =>
    three(given, async (replicas, leader) => {
      const rounds = given.long ? 3 : 1
      const took: number[] = []
      let stopped = leader
      for (let i = 0; i < rounds; i++) {
        process.kill(stopped.daemon.pid, 'SIGSTOP')
        const start = performance.now()
        took.push(await replicas.another(stopped, 25_000))
        await pause(30_000 - (performance.now() - start))
        process.kill(stopped.daemon.pid, 'SIGCONT')
        await pause(4_000)
        stopped = replicas.writer() ?? stopped
      }
      return `${rounds} times; a successor after ${took.map(seconds).join(', ')}`
    }),
}

/** Until its next look at the lease the leader cannot know: two seconds, and what a busy machine adds. */
const nextLook = 2_500

export const leaseStolen: Scenario = {
  fault: 'the lease moved by hand from the leader of three replicas to another',
  expected: `the leader notices at its next look, within 2.5 s, and writes nothing from then on; one leads within 25 s; ${neverTwo}`,
  run: (given) =>
    three(given, async (replicas, leader) => {
      const path = `/apis/coordination.k8s.io/v1/namespaces/${given.namespace}/leases/clickstream-operator`
      const body = { spec: { holderIdentity: 'a-thief' } }
      const from = replicas.deeds.length
      const start = performance.now()
      const contentType = 'application/merge-patch+json'
      await given.stage.world.admin.request({ method: 'PATCH', path, body, contentType })
      const since = () => replicas.deeds.slice(from)
      const noticed = await until('the look', () => since().find(({ kind }) => kind === 'ousted'))
      const took = noticed.at - start
      assert.ok(took <= nextLook, `noticed after ${took} ms`)
      const blind = since().filter(({ kind }) => kind === 'write')
      assert.deepEqual([...new Set([noticed, ...blind].map(({ who }) => who))], [leader.name])
      const led = () => since().find(({ kind }) => kind === 'lease')
      const next = await until('a leader', led, { deadline: 25_000 })
      const early = since().filter(
        ({ kind, at }) => kind === 'write' && at > noticed.at + 100 && at < next.at,
      )
      assert.deepEqual(early, [], 'writes while nobody led')
      await until('writes', () => since().some(({ kind, at }) => kind === 'write' && at > next.at))
      return `noticed after ${seconds(took)}, ${blind.length} writes until then; a leader after ${seconds(next.at - start)}`
    }),
}

export const leaseSlow: Scenario = {
  fault: 'each request of the lease takes 2 s',
  expected: `the leader stays the same; ${neverTwo}`,
  run: (given) =>
    three(given, async (replicas, leader) => {
      for (const { proxy } of replicas.all) {
        const { rule } = proxy
        proxy.rule = async (call, pass) => {
          if (!isLease(call.path)) return rule(call, pass)
          await pause(2_000)
          return rule(call, pass)
        }
      }
      await pause(given.long ? 120_000 : 20_000)
      assert.deepEqual([...new Set(replicas.deeds.map(({ who }) => who))], [leader.name])
      return 'one leader'
    }),
}
