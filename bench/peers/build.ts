import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { cached } from '../../dev/cache.ts'
import { run } from '../../dev/command.ts'
import { jarsOf } from '../../dev/maven.ts'
import { step } from '../../dev/progress.ts'

const go = join(import.meta.dirname, 'go')
/** What the Java peers have in common. */
const shared = join(import.meta.dirname, 'java')

/** The Go peer's program, built from this folder the first time. */
export const goPeer = (): Promise<string> =>
  cached(`bench-go-${digest(files(go))}`, (draft) =>
    step('building the Go peer', () =>
      run(['go', 'build', '-o', draft, '.'], {
        cwd: go,
        env: { CGO_ENABLED: '0', GOFLAGS: '-mod=readonly -trimpath -buildvcs=false', GOWORK: 'off' },
      }),
    ),
  )

/** The command of a Java peer, its class in a folder compiled with jars from Maven. Needs a JDK. */
export const javaPeer = async (folder: 'streams' | 'flink', name: string): Promise<string[]> => {
  const classPath = await compiled(folder)
  return ['java', '-Xmx1g', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-cp', classPath, name]
}

const compiled = async (folder: string): Promise<string> => {
  const home = join(import.meta.dirname, folder)
  const pom = join(home, 'pom.xml')
  const jars = await jarsOf(folder, pom)
  const sources = [shared, join(home, 'src')].flatMap(files)
  const classes = await cached(`bench-java-${digest([pom, ...sources])}`, (draft) =>
    step(`compiling ${folder}`, () => run(['javac', '-cp', `${jars}/*`, '-d', draft, ...sources])),
  )
  return `${classes}:${jars}/*`
}

const files = (folder: string): string[] =>
  readdirSync(folder)
    .sort()
    .map((file) => join(folder, file))

/** Another one when any of the files changes. */
const digest = (paths: readonly string[]): string => {
  const hash = createHash('sha256')
  for (const path of paths) hash.update(basename(path)).update(readFileSync(path))
  return hash.digest('hex').slice(0, 12)
}
