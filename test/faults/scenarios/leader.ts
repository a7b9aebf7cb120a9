import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { alive, type Daemon, kill, launch, stop } from '../../../dev/process.ts'
import { until } from '../../../dev/until.ts'
import { ApiProxy, isLease, isWrite } from '../proxy.ts'
import { type Given, same, type Scenario, seconds, within } from '../scenario.ts'
import type { Trial } from '../trial.ts'

const main = join(import.meta.dirname, '../../../operator/main.ts')

/** The pipeline that is edited; the one of each trial is made in the end, by who leads then. */
const edited = 'busy'

/** An operator in a process of its own, behind a proxy of its own. */
interface Replica {
  name: string
  daemon: Daemon
  proxy: ApiProxy
}

/** What a replica had done, in the order of the API server's answers. */
interface Deed {
  who: string
  kind: 'lease' | 'write'
}

/** Several operators of one namespace, an editor that gives them something to write, and a witness. */
class Replicas {
  readonly deeds: Deed[] = []
  readonly all: Replica[] = []
  readonly #given: Given
  readonly #directory = mkdtempSync(join(tmpdir(), 'replicas-'))
  readonly #end = new AbortController()
  #editing: Promise<void> = Promise.resolve()

  constructor(given: Given) {
    this.#given = given
  }

  async start(name: string): Promise<Replica> {
    const { stage, namespace } = this.#given
    const proxy = new ApiProxy(stage.world.plane)
    proxy.rule = async (call, pass) => {
      const answered = await pass()
      const done = answered.status < 300 && call.method !== 'GET'
      if (
        done &&
        isLease(call.path) &&
        call.body.includes(`"holderIdentity":"`) &&
        !call.body.includes(`"holderIdentity":""`)
      )
        this.deeds.push({ who: name, kind: 'lease' })
      if (done && isWrite(call)) this.deeds.push({ who: name, kind: 'write' })
      return answered
    }
    const kubeconfig = join(this.#directory, `${name}.kubeconfig`)
    writeFileSync(kubeconfig, stage.world.config({ port: await proxy.listen() }).exportConfig())
    const env = {
      KUBECONFIG: kubeconfig,
      WATCH_NAMESPACE: namespace,
      POD_NAMESPACE: namespace,
      RUNTIME_IMAGE: 'clickstream-runtime',
      HTTP_PORT: '0',
    }
    const log = join(this.#directory, `${name}.log`)
    const daemon = await launch({
      name,
      argv: [process.execPath, main, 'operator'],
      log,
      env,
      lifetime: 'bound',
    })
    const replica = { name, daemon, proxy }
    this.all.push(replica)
    return replica
  }

  /** Edits a pipeline four times a second. */
  edit(trial: Trial): void {
    const editing = async () => {
      for (let rate = 10; !this.#end.signal.aborted; rate = (rate % 1_000) + 1) {
        await trial.put({ suspend: true, producer: { rate }, deletionPolicy: 'Delete' }, edited)
        await pause(250)
      }
    }
    this.#editing = editing()
  }

  /** Who wrote last. */
  writer(): Replica | undefined {
    const last = this.deeds.findLast(({ kind }) => kind === 'write')
    return this.all.find(({ name }) => name === last?.who)
  }

  /** Waits until another than these writes. */
  async another(not: Replica, deadline: number): Promise<number> {
    const start = performance.now()
    const from = this.deeds.length
    const writes = () => this.deeds.slice(from).some(({ who, kind }) => kind === 'write' && who !== not.name)
    await until(`a successor of ${not.name}`, writes, { deadline })
    return performance.now() - start
  }

  /** Writes of a replica while the lease was last written by another. */
  intruders(): string[] {
    let holder = ''
    const found: string[] = []
    for (const { who, kind } of this.deeds) {
      if (kind === 'lease') holder = who
      else if (who !== holder) found.push(`${who} wrote while ${holder} held the lease`)
    }
    return found
  }

  /** Edits no more. */
  async rest(): Promise<void> {
    this.#end.abort()
    await this.#editing
  }

  /** Requests and writes of all, without those of the lease. */
  counts(): string {
    const sum = (of: (proxy: ApiProxy) => unknown[]) =>
      this.all.reduce((all, { proxy }) => all + of(proxy).length, 0)
    return `${sum((proxy) => proxy.since(0))} requests, ${sum((proxy) => proxy.writes())} writes`
  }

  async end(): Promise<void> {
    await this.rest()
    for (const { daemon } of this.all) if (alive(daemon)) process.kill(daemon.pid, 'SIGCONT')
    await Promise.all(this.all.map(({ daemon }) => stop(daemon)))
    for (const { proxy } of this.all) proxy.close()
    rmSync(this.#directory, { recursive: true, force: true })
  }
}

/** Three replicas, of which one leads and writes, while somebody edits; and in the end the objects of a run without fault. */
const three = (
  given: Given,
  work: (replicas: Replicas, leader: Replica) => Promise<string>,
): Promise<string> =>
  within(given, async (trial) => {
    const replicas = new Replicas(given)
    try {
      for (const name of ['one', 'two', 'three']) await replicas.start(name)
      replicas.edit(trial)
      const leader = await until('a leader', () => replicas.writer(), { deadline: 60_000 })
      await pause(3_000) // the others look at the lease at least once
      const told = await work(replicas, leader)
      await replicas.rest()
      await trial.remove(edited)
      await trial.tell()
      await trial.settled(30_000)
      assert.deepEqual(replicas.intruders(), [])
      const counts = replicas.counts()
      await replicas.end()
      await trial.secondPass()
      return `${told}; ${counts}, none of them by another than the holder`
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

export const leaseStolen: Scenario = {
  fault: 'the lease moved by hand from the leader of three replicas to another',
  expected: `the leader notices at its next look; one leads within 25 s; ${neverTwo}`,
  run: (given) =>
    three(given, async (replicas, leader) => {
      const path = `/apis/coordination.k8s.io/v1/namespaces/${given.namespace}/leases/clickstream-operator`
      const body = { spec: { holderIdentity: 'a-thief' } }
      await given.stage.world.admin.request({
        method: 'PATCH',
        path,
        body,
        contentType: 'application/merge-patch+json',
      })
      await pause(2_500)
      const from = replicas.deeds.length
      const start = performance.now()
      await until('a leader', () => replicas.deeds.length > from, { deadline: 25_000 })
      assert.equal(replicas.deeds[from]?.kind, 'lease', `${leader.name} went on`)
      await until('writes', () => replicas.deeds.slice(from).some(({ kind }) => kind === 'write'))
      return `a leader after ${seconds(performance.now() - start + 2_500)}`
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
