import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { cached } from './cache.ts'
import { run } from './command.ts'
import { step } from './progress.ts'

/** The folder in the cache with the jars that a pom.xml asks for, filled by Maven the first time. */
export function jarsOf(name: string, pom: string): Promise<string> {
  const version = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12)
  return cached(`${name}-${version}`, (draft) =>
    step(`${name} jars from Maven`, () =>
      run([
        'mvn',
        '-q',
        '-B',
        '-f',
        pom,
        'dependency:copy-dependencies',
        '-DincludeScope=runtime',
        `-DoutputDirectory=${draft}`,
      ]),
    ),
  )
}
