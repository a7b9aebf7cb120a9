import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { alive, type Daemon, launch, stop } from '../../dev/process.ts'
import { until } from '../../dev/until.ts'
import { type Answer, ApiProxy, type Call, isLease, isWrite } from './proxy.ts'
import type { Given } from './scenario.ts'
import type { Trial } from './trial.ts'

const main = join(import.meta.dirname, '../../operator/main.ts')

/** The pipeline that is edited; the one of each trial is made in the end, by who leads then. */
export const edited = 'busy'

/** An operator in a process of its own, behind a proxy of its own. */
export interface Replica {
  name: string
  daemon: Daemon
  proxy: ApiProxy
}

/** What a replica had done, in the order of the API server's answers. */
interface Deed {
  who: string
  /** Wrote the lease; wrote a pipeline or a child; was told that the lease, which it held once, is another's. */
  kind: 'lease' | 'write' | 'ousted'
  /** When a write came to the proxy, and when the answer about the lease left it; milliseconds that only grow. */
  at: number
}

/** On the way from the proxy to the replica an answer is not known yet. */
const underWay = 100

/** Several operators of one namespace, an editor that gives them something to write, and a witness. */
export class Replicas {
  readonly deeds: Deed[] = []
  readonly all: Replica[] = []
  /** Of those that held the lease, the name that they have in it. */
  readonly #identities = new Map<string, string>()
  /** Edits of the pipeline. */
  edits = 0
  readonly #given: Given
  readonly #trial: Trial
  readonly #directory = mkdtempSync(join(tmpdir(), 'replicas-'))
  readonly #end = new AbortController()
  #editing: Promise<void> = Promise.resolve()

  constructor(given: Given, trial: Trial) {
    this.#given = given
    this.#trial = trial
  }

  async start(name: string): Promise<Replica> {
    const { stage, namespace } = this.#given
    const proxy = new ApiProxy(stage.world.plane)
    proxy.rule = async (call, pass) => {
      const answered = await pass()
      if (answered.status >= 300) return answered
      if (isLease(call.path)) return this.#leased(name, call, answered)
      if (isWrite(call)) this.deeds.push({ who: name, kind: 'write', at: call.at })
      return answered
    }
    const kubeconfig = join(this.#directory, `${name}.kubeconfig`)
    const way = { port: await proxy.listen(), token: this.#trial.token }
    writeFileSync(kubeconfig, stage.world.config(way).exportConfig())
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
  edit(): void {
    const editing = async () => {
      for (let rate = 10; !this.#end.signal.aborted; rate = (rate % 1_000) + 1) {
        await this.#trial.put({ suspend: true, producer: { rate }, deletionPolicy: 'Delete' }, edited)
        this.edits += 1
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

  /** Notes what a replica wrote into the lease, or read there. */
  async #leased(who: string, { method }: Call, answered: Answer): Promise<Answer> {
    const body = await text(answered.body)
    const { holderIdentity = '' } = (JSON.parse(body) as { spec: { holderIdentity?: string } }).spec
    const at = performance.now()
    if (method !== 'GET' && holderIdentity !== '') {
      this.#identities.set(who, holderIdentity)
      this.deeds.push({ who, kind: 'lease', at })
    }
    const known = this.#identities.get(who)
    if (known !== undefined && known !== holderIdentity) this.deeds.push({ who, kind: 'ousted', at })
    return { ...answered, body: Readable.from([body]) }
  }

  /** Writes of a replica while the lease was last written by another, or after it was told that it holds it no more. */
  intruders(): string[] {
    let holder = ''
    const ousted = new Map<string, number>()
    const found: string[] = []
    for (const { who, kind, at } of this.deeds) {
      const since = at - (ousted.get(who) ?? Infinity)
      if (kind === 'lease') {
        holder = who
        ousted.delete(who)
      } else if (kind === 'ousted') ousted.set(who, ousted.get(who) ?? at)
      else if (who !== holder) found.push(`${who} wrote while ${holder} held the lease`)
      else if (since > underWay)
        found.push(`${who} wrote ${since} ms after it was told that it leads no more`)
    }
    return found
  }

  /** Edits no more. */
  async rest(): Promise<void> {
    this.#end.abort()
    await this.#editing
  }

  /** Requests of all, without those of the lease. */
  requests(): number {
    return this.all.reduce((sum, { proxy }) => sum + proxy.since(0).length, 0)
  }

  /** Writes of pipelines and children of all. */
  writes(): number {
    return this.all.reduce((sum, { proxy }) => sum + proxy.writes().length, 0)
  }

  async end(): Promise<void> {
    await this.rest()
    for (const { daemon } of this.all) if (alive(daemon)) process.kill(daemon.pid, 'SIGCONT')
    await Promise.all(this.all.map(({ daemon }) => stop(daemon)))
    for (const { proxy } of this.all) proxy.close()
    rmSync(this.#directory, { recursive: true, force: true })
  }
}
