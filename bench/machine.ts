import { readFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { run } from '../dev/command.ts'

/** On what and with what something was measured. */
export interface Machine {
  cores: number
  model: string
  memoryGB: number
  kernel: string
  versions: Record<string, string>
}

const here = import.meta.dirname
const root = join(here, '..')

const found = (file: string, pattern: RegExp): string =>
  pattern.exec(readFileSync(file, 'utf8'))?.[1] ?? 'unknown'

export const machine = async (): Promise<Machine> => {
  const modules = join(here, 'peers', 'go', 'go.mod')
  const installed = (name: string): string =>
    found(join(root, 'node_modules', name, 'package.json'), /"version": "([^"]+)"/)
  const [go, java, kernel] = [
    await run(['go', 'version']),
    await run(['java', '--version']),
    await run(['uname', '-sr']),
  ]
  return {
    cores: cpus().length,
    model: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGB: Math.round(totalmem() / 2 ** 30),
    kernel: kernel.trim(),
    versions: {
      Node: process.version.slice(1),
      Go: /go(\S+)/.exec(go.slice('go version '.length))?.[1] ?? 'unknown',
      Java: /^\S+ (\S+)/.exec(java)?.[1] ?? 'unknown',
      'Kafka broker': found(
        join(root, 'dev', 'kafka', 'pom.xml'),
        /kafka_2\.13<\/artifactId>\s*<version>([^<]+)/,
      ),
      'Kafka Streams': found(
        join(here, 'peers', 'streams', 'pom.xml'),
        /kafka-streams<\/artifactId>\s*<version>([^<]+)/,
      ),
      Flink: found(
        join(here, 'peers', 'flink', 'pom.xml'),
        /flink-streaming-java<\/artifactId>\s*<version>([^<]+)/,
      ),
      kafkajs: installed('kafkajs'),
      'franz-go': found(modules, /twmb\/franz-go v(\S+)/),
      fastjson: found(modules, /valyala\/fastjson v(\S+)/),
    },
  }
}
