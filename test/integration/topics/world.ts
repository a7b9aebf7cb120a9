import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kubectl } from '../../../dev/binaries.ts'
import { run } from '../../../dev/command.ts'
import { type ControlPlane, startControlPlane } from '../../../dev/controlplane.ts'
import { type Broker, startKafka } from '../../../dev/kafka.ts'
import { until } from '../../../dev/until.ts'
import type { KafkaTopic } from '../../../operator/api/kubernetes.ts'
import type { BrokerTopic } from '../../../operator/topics/broker.ts'
import { type Admin, openAdmin } from '../../../runtime/kafka/admin.ts'

/** An API server with a KafkaTopic CRD, a broker, and the words in which tests talk about them. */
export interface World {
  plane: ControlPlane
  kafka: Broker
  /** A user's kubectl in namespace kafka. */
  kubectl(args: string, input?: unknown): Promise<string>
  /** Applies a KafkaTopic of the cluster data-on-eks. */
  apply(name: string, spec: KafkaTopic['spec'], version?: 'v1' | 'v1beta2'): Promise<void>
  /** The KafkaTopic as the API server has it, undefined when absent. */
  object(name: string): Promise<KafkaTopic | undefined>
  /** Waits until the object's first condition has this type, or reason; gives the object, reconciled at its generation. */
  told(name: string, typeOrReason: string): Promise<KafkaTopic>
  inKafka(topic: string): Promise<BrokerTopic | undefined>
  /** Makes a topic with another tool than a KafkaTopic. */
  makeInKafka(topic: string, partitions: number): Promise<unknown>
  end(): Promise<void>
}

export async function startWorld(crd: string): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), 'topics-'))
  const [plane, kafka, program] = await Promise.all([
    startControlPlane({ directory: join(directory, 'kubernetes'), namespace: 'kafka' }),
    startKafka({ directory: join(directory, 'kafka') }),
    kubectl(),
  ])
  const admin = openAdmin({ bootstrapServers: kafka.bootstrapServers, clientId: 'test' })
  const command = (args: string, input?: unknown) =>
    run([program, '--kubeconfig', plane.kubeconfig, ...args.split(' ')], {
      input: JSON.stringify(input) ?? '',
    })
  await command('create namespace kafka')
  await command(`apply --server-side -f ${crd}`)
  const established = 'wait --for=condition=Established crd/kafkatopics.kafka.strimzi.io'
  // kubectl gives up at once while there are no conditions yet.
  await until('the CRD', async () => (await command(established)) !== undefined)
  return { ...words(command, admin), plane, kafka, end: () => end({ directory, plane, kafka, admin }) }
}

function words(kubectl: World['kubectl'], admin: Admin): Omit<World, 'plane' | 'kafka' | 'end'> {
  const object = async (name: string): Promise<KafkaTopic | undefined> => {
    const text = await kubectl(`get kafkatopic ${name} --ignore-not-found -o json`)
    return text === '' ? undefined : JSON.parse(text)
  }
  return {
    kubectl,
    object,
    async apply(name, spec, version = 'v1') {
      const metadata = { name, labels: { 'strimzi.io/cluster': 'data-on-eks' } }
      await kubectl('apply -f -', {
        apiVersion: `kafka.strimzi.io/${version}`,
        kind: 'KafkaTopic',
        metadata,
        spec,
      })
    },
    told: (name, word) =>
      until(`${name} ${word}`, async () => {
        const topic = await object(name)
        const condition = topic?.status?.conditions?.[0]
        const isCurrent = topic?.status?.observedGeneration === topic?.metadata.generation
        const says = condition?.status === 'True' ? condition.type : condition?.reason
        return isCurrent && says === word ? topic : undefined
      }),
    inKafka: (topic) => admin.describe(topic),
    makeInKafka: (name, partitions) => admin.create({ name, partitions, replicas: 1, config: {} }),
  }
}

async function end({
  directory,
  plane,
  kafka,
  admin,
}: { directory: string; admin: Admin } & Pick<World, 'plane' | 'kafka'>): Promise<void> {
  await admin.close()
  await Promise.all([plane.stop(), kafka.kill()])
  rmSync(directory, { recursive: true })
}
