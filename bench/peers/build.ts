import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cached } from '../../dev/cache.ts'
import { run } from '../../dev/command.ts'
import { step } from '../../dev/progress.ts'

const go = join(import.meta.dirname, 'go')
const streams = join(import.meta.dirname, 'streams')

/** The Go peer's program, built from this folder the first time. */
export const goPeer = (): Promise<string> =>
  cached(`bench-go-${digest(go)}`, (draft) =>
    step('building the Go peer', () =>
      run(['go', 'build', '-o', draft, '.'], {
        cwd: go,
        env: { CGO_ENABLED: '0', GOFLAGS: '-mod=readonly -trimpath -buildvcs=false', GOWORK: 'off' },
      }),
    ),
  )

/** The class path of the Java peers: their classes, and their jars from Maven. Needs a JDK. */
export const javaPeers = async (): Promise<string> => {
  const jars = await cached(`bench-jars-${digest(streams, 'pom.xml')}`, (draft) =>
    step('jars of the Java peers from Maven', () =>
      run([
        'mvn',
        '-q',
        '-B',
        '-f',
        join(streams, 'pom.xml'),
        'dependency:copy-dependencies',
        '-DincludeScope=runtime',
        `-DoutputDirectory=${draft}`,
      ]),
    ),
  )
  const source = join(streams, 'src')
  const classes = await cached(`bench-java-${digest(source)}`, (draft) =>
    step('compiling the Java peers', () =>
      run(['javac', '-cp', `${jars}/*`, '-d', draft, ...files(source).map((file) => join(source, file))]),
    ),
  )
  return `${classes}:${jars}/*`
}

const files = (folder: string): string[] => readdirSync(folder).sort()

/** Another one when any of the files changes. */
const digest = (folder: string, ...only: readonly string[]): string => {
  const hash = createHash('sha256')
  for (const file of only.length > 0 ? only : files(folder))
    hash.update(file).update(readFileSync(join(folder, file)))
  return hash.digest('hex').slice(0, 12)
}
