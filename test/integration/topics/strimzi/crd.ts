import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cached } from '../../../../dev/cache.ts'
import { run } from '../../../../dev/command.ts'
import { step } from '../../../../dev/progress.ts'

const POM = join(import.meta.dirname, 'pom.xml')
const JVMS = '/usr/lib/jvm'

/**
 * Path of the KafkaTopic CRD that Strimzi's own generator makes, from its jars on Maven Central. Undefined where no
 * Java 21 is installed, which the generator needs.
 */
export async function strimziTopicCrd(): Promise<string | undefined> {
  const java = java21()
  if (java === undefined) return undefined
  const version = createHash('sha256').update(readFileSync(POM)).digest('hex').slice(0, 12)
  const folder = await cached(`strimzi-crd-${version}`, (draft) =>
    step("Strimzi's KafkaTopic CRD from its generator", () => generate(java, draft)),
  )
  return join(folder, 'kafkatopic.yaml')
}

async function generate(java: string, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const copy = [
    'dependency:copy-dependencies',
    '-DincludeScope=runtime',
    `-DoutputDirectory=${join(folder, 'lib')}`,
  ]
  await run(['mvn', '-q', '-B', '-f', POM, ...copy])
  const options = [
    '--target-kube',
    '1.16+',
    '--crd-api-version',
    'v1',
    '--api-versions',
    'v1',
    '--storage-version',
    'v1',
  ]
  const kind = `io.strimzi.api.kafka.model.topic.KafkaTopic=${join(folder, 'kafkatopic.yaml')}`
  const generator = 'io.strimzi.crdgenerator.CrdGenerator'
  await run([java, '-cp', join(folder, 'lib', '*'), generator, ...options, '--yaml', kind])
}

function java21(): string | undefined {
  const homes = existsSync(JVMS) ? readdirSync(JVMS) : []
  return homes
    .map((home) => join(JVMS, home))
    .filter((home) => majorOf(home) >= 21)
    .map((home) => join(home, 'bin', 'java'))[0]
}

/** Every JDK says its version in the file `release`, as JAVA_VERSION="21.0.2". */
function majorOf(home: string): number {
  const release = join(home, 'release')
  if (!existsSync(release)) return 0
  return Number(/^JAVA_VERSION="(\d+)/m.exec(readFileSync(release, 'utf8'))?.[1] ?? 0)
}
