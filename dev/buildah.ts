import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cacheRoot } from './cache.ts'
import { run } from './command.ts'

export interface Build {
  context: string
  containerfile: string
  image: string
  /** Value of the build argument BASE: an image of ours. */
  base?: string
}

/** Builds an image into the cache's own store. */
export async function build({ context, containerfile, image, base }: Build): Promise<void> {
  const from = base ? ['--build-arg', `BASE=${base}`, '--pull-never'] : []
  await run([
    ...buildah(),
    'bud',
    '--isolation=chroot',
    ...trust(),
    ...from,
    '-t',
    image,
    '-f',
    containerfile,
    context,
  ])
}

/** Moves an image from the store to an OCI archive. Not compressed: it goes to a containerd next door. */
export async function save(image: string, file: string): Promise<void> {
  await run([
    ...buildah(),
    'push',
    ...trust(),
    '--disable-compression',
    image,
    `oci-archive:${file}:${image}`,
  ])
  await run([...buildah(), 'rmi', image])
}

/** Does some work with a folder that is gone afterwards. */
export async function scratch(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'clickstream-'))
  try {
    await work(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** In a mount namespace of its own: buildah leaves its store mounted, and keeps a cache in /var/lib. */
function buildah(): string[] {
  const store = join(cacheRoot(), 'images', 'store')
  const apart = ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs tmpfs /var/lib && exec "$0" "$@"']
  return [...apart, 'buildah', '--root', store, '--runroot', `${store}-run`, '--storage-driver', 'overlay']
}

/** Nothing is pulled, so there are no signatures to check. */
function trust(): string[] {
  const folder = join(cacheRoot(), 'images')
  const file = join(folder, 'policy.json')
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, '{"default":[{"type":"insecureAcceptAnything"}]}\n')
  return ['--signature-policy', file]
}
