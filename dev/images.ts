import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { baseImage } from './base-image.ts'
import { pause } from './binaries.ts'
import { build, save, scratch } from './buildah.ts'
import { cached, cacheRoot } from './cache.ts'
import { run } from './command.ts'
import type { Instance } from './instance.ts'
import { PAUSE_IMAGE } from './node/configuration.ts'
import { ctr } from './node.ts'
import { step } from './progress.ts'

const ROOT = join(import.meta.dirname, '..')

/** Our images by the names that pods use: tagged by content, so that a change rolls out and nothing else does. */
export interface Images {
  operator: string
  runtime: string
}

type Part = keyof Images

/** Builds both images from `dist/` unless they are built, and loads them into the instance. */
export async function buildImages(instance: Instance): Promise<Images> {
  const archives = await buildArchives()
  await step('images into the node', () => loadImages(instance, archives))
  return { operator: archives.operator.image, runtime: archives.runtime.image }
}

export interface Archive {
  image: string
  file: string
}

/** Archives of both images, from the cache where nothing changed. */
export async function buildArchives(): Promise<Record<Part, Archive>> {
  return { operator: await archive('operator'), runtime: await archive('runtime') }
}

export async function loadImages(instance: Instance, archives: Record<Part, Archive>): Promise<void> {
  const present = await run([...ctr(instance), 'images', 'list', '--quiet'])
  const missing = Object.values(archives).filter(({ image }) => !present.includes(image))
  for (const { file } of missing) await importImage(instance, file)
}

/** Loads an archive of an image into the instance's containerd. */
export async function importImage(instance: Instance, file: string): Promise<void> {
  await run([...ctr(instance), 'images', 'import', file])
}

/** Archive of the image that holds each pod's namespaces. */
export function pauseArchive(): Promise<string> {
  return cached('images/pause-1.tar', (draft) =>
    scratch(async (context) => {
      const containerfile = join(context, 'Containerfile')
      copyFileSync(await pause(), join(context, 'pause'))
      writeFileSync(
        containerfile,
        'FROM scratch\nCOPY pause /pause\nUSER 65535:65535\nENTRYPOINT ["/pause"]\n',
      )
      await build({ context, containerfile, image: PAUSE_IMAGE })
      await save(PAUSE_IMAGE, draft)
    }),
  )
}

async function archive(part: Part): Promise<Archive> {
  const base = await baseImage()
  const containerfile = join(ROOT, part, 'Containerfile')
  const tag = contentHash([containerfile, bundle(part), ...natives()], base)
  const image = `clickstream-${part}:${tag}`
  const full = `docker.io/library/${image}`
  const file = await cached(`images/${part}/${tag}.tar`, (draft) =>
    step(`image ${image}`, async () => {
      await build({ context: ROOT, containerfile, image: full, base })
      await save(full, draft)
      forgetOthers(join(cacheRoot(), 'images', part), tag)
    }),
  )
  return { image, file }
}

function bundle(part: Part): string {
  const file = join(ROOT, 'dist', `${part}.mjs`)
  if (!existsSync(file)) throw new Error(`there is no dist/${part}.mjs: run make bundle`)
  return file
}

/** The manifests of the native packages that the Containerfiles copy. */
function natives(): string[] {
  const folder = join(ROOT, 'node_modules', '@node-rs')
  return readdirSync(folder).map((name) => join(folder, name, 'package.json'))
}

function contentHash(files: readonly string[], base: string): string {
  const hash = createHash('sha256').update(base)
  for (const file of files) hash.update(readFileSync(file))
  return hash.digest('hex').slice(0, 12)
}

/** An archive is as large as its image, and only the newest is of use. */
function forgetOthers(folder: string, tag: string): void {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(tag)) rmSync(join(folder, name), { recursive: true })
  }
}
