import { mkdirSync, writeFileSync, copyFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pause } from './binaries.ts'
import { cached, cacheRoot } from './cache.ts'
import { run } from './command.ts'
import type { Instance } from './instance.ts'
import { PAUSE_IMAGE } from './node/configuration.ts'
import { ctr } from './node.ts'

/** Loads an archive of images into the instance's containerd. */
export async function importImage(instance: Instance, archive: string): Promise<void> {
  await run([...ctr(instance), 'images', 'import', archive])
}

/** Archive of the image that holds each pod's namespaces. */
export function pauseArchive(): Promise<string> {
  return cached('images/pause-1.tar', async (draft) => {
    const context = `${draft}.context`
    mkdirSync(context, { recursive: true })
    copyFileSync(await pause(), join(context, 'pause'))
    writeFileSync(
      join(context, 'Containerfile'),
      'FROM scratch\nCOPY pause /pause\nUSER 65535:65535\nENTRYPOINT ["/pause"]\n',
    )
    await build({ context, containerfile: join(context, 'Containerfile'), image: PAUSE_IMAGE })
    await save(PAUSE_IMAGE, draft)
  })
}

interface Build {
  context: string
  containerfile: string
  image: string
  base?: string
}

async function build({ context, containerfile, image, base }: Build): Promise<void> {
  const from = base ? ['--build-arg', `BASE=${base}`, '--pull=never'] : []
  const flags = ['--isolation=chroot', '--signature-policy', policy(), ...from]
  await run([...buildah(), 'bud', ...flags, '-t', image, '-f', containerfile, context])
}

async function save(image: string, file: string): Promise<void> {
  await run([
    ...buildah(),
    'push',
    '--signature-policy',
    policy(),
    '--disable-compression',
    image,
    `oci-archive:${file}:${image}`,
  ])
}

/** In a mount namespace of its own, since buildah leaves a mount of its store behind. */
function buildah(): string[] {
  const store = join(cacheRoot(), 'images', 'store')
  return [
    'unshare',
    '--mount',
    'buildah',
    '--root',
    store,
    '--runroot',
    `${store}-run`,
    '--storage-driver',
    'overlay',
  ]
}

function policy(): string {
  const file = join(cacheRoot(), 'images', 'policy.json')
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, '{"default":[{"type":"insecureAcceptAnything"}]}\n')
  return file
}
