import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cached } from './cache.ts'
import { run } from './command.ts'
import { step } from './progress.ts'

/** Programs that tests run, and the packages that have them and what they load. */
const programs = {
  prometheus: ['prometheus'],
  promtool: ['prometheus'],
  'lua5.4': ['lua5.4', 'libreadline8', 'libtinfo6'],
} as const

/**
 * A program of a Debian package as the start of a command line. The packages are unpacked into the cache: nothing on the
 * machine changes, and no service is started, as an installation would do. Needs apt-get, and root where its lists are
 * not loaded yet.
 */
export async function debian(program: keyof typeof programs): Promise<string[]> {
  const names = programs[program]
  const root = await cached(`debian/${names[0]}`, (draft) =>
    step(`Debian package ${names[0]}`, () => unpack(names, draft)),
  )
  const libraries = ['usr/lib/x86_64-linux-gnu', 'lib/x86_64-linux-gnu'].map((path) => join(root, path))
  return ['env', `LD_LIBRARY_PATH=${libraries.join(':')}`, join(root, 'usr/bin', program)]
}

async function unpack(names: readonly string[], target: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'debian-'))
  try {
    await download(names, folder).catch(async () => {
      await run(['apt-get', 'update', '-q'])
      await download(names, folder)
    })
    mkdirSync(target, { recursive: true })
    for (const file of readdirSync(folder)) await run(['dpkg-deb', '-x', join(folder, file), target])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const download = (names: readonly string[], cwd: string): Promise<string> =>
  run(['apt-get', 'download', '-q', ...names], { cwd })
