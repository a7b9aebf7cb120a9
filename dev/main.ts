import { down, found, recorded, up } from './cluster.ts'
import { instance } from './instance.ts'
import { alive } from './process.ts'
import { runDemo } from './demo.ts'
import { elapsed, say } from './progress.ts'

const USAGE = `usage: node dev/main.ts up|down|status INSTANCE, or node dev/main.ts demo
  demo    start the instance demo, and in it the sample pipeline; ends at its first window
  up      start a one-node Kubernetes and a Kafka, or say that they run
  down    remove them and all they made
  status  show their processes
The instances are demo and test.`

const VERBS: Record<string, (name: string) => Promise<void>> = {
  up: runUp,
  down: runDown,
  status: runStatus,
  demo: runDemo,
}

async function runUp(name: string): Promise<void> {
  const start = Date.now()
  const cluster = await up(name)
  say(cluster.fresh ? `${name} is up after ${elapsed(Date.now() - start)}` : `${name} is already running`)
  say(`export KUBECONFIG=${cluster.kubeconfig}`)
  say(`Kafka answers at ${cluster.bootstrapServers}`)
}

async function runDown(name: string): Promise<void> {
  const start = Date.now()
  const existed = await down(name)
  say(existed ? `${name} is gone after ${elapsed(Date.now() - start)}` : `${name} was not running`)
}

async function runStatus(name: string): Promise<void> {
  const place = instance(name)
  for (const daemon of recorded(place)?.daemons ?? []) {
    say(
      `  ${alive(daemon) ? '✓' : '✗'} ${daemon.name.padEnd(26)} ${String(daemon.pid).padStart(8)}  ${daemon.log}`,
    )
  }
  const cluster = found(place)
  say(cluster ? `${name} is running: export KUBECONFIG=${cluster.kubeconfig}` : `${name} is not running`)
  if (!cluster) process.exitCode = 3
}

const [verb = '', name = ''] = process.argv.slice(2)
const work = VERBS[verb]
if (work) await work(name).catch(fail)
else fail(new Error(USAGE))

function fail(error: unknown): void {
  say(error instanceof Error ? error.message : String(error))
  if (error instanceof Error && error.cause instanceof Error) say(`because: ${error.cause.message}`)
  process.exit(1) // what else is under way, such as a build, ends with us
}
