import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { cached } from './cache.ts'
import { run } from './command.ts'
import { build, scratch } from './buildah.ts'
import { step } from './progress.ts'

const ROOT = join(import.meta.dirname, '..')
const PACKAGES = ['base-files', 'libc6', 'libgcc-s1', 'libstdc++6', 'zlib1g', 'ca-certificates', 'tzdata']
const CONTAINERFILE = `FROM scratch
COPY rootfs/ /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
USER 65532:65532
`

/**
 * Name of the local base image: glibc and what else Node needs from this machine's Debian packages, and the Node
 * that package-lock.json pins. It stands in for the Containerfiles' public base, with no image registry.
 */
export async function baseImage(): Promise<string> {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'node_modules', 'node', 'package.json'), 'utf8'))
  const image = `localhost/clickstream-base:${version}`
  await cached(`images/base-${version}`, (built) =>
    step('base image', () =>
      scratch(async (context) => {
        await fillRoot(join(context, 'rootfs'))
        writeFileSync(join(context, 'Containerfile'), CONTAINERFILE)
        await build({ context, containerfile: join(context, 'Containerfile'), image })
        writeFileSync(built, image)
      }),
    ),
  )
  return image
}

async function fillRoot(root: string): Promise<void> {
  mkdirSync(root, { mode: 0o755 })
  await scratch((downloads) => unpack(downloads, root))
  for (const folder of ['doc', 'man', 'locale', 'lintian', 'info', 'bug']) {
    rmSync(join(root, 'usr/share', folder), { recursive: true, force: true })
  }
  writeAccounts(root)
  bundleAuthorities(root)
  mkdirSync(join(root, 'usr/local/bin'), { recursive: true })
  copyFileSync(join(ROOT, 'node_modules/node/bin/node'), join(root, 'usr/local/bin/node'))
  await run(['chmod', '1777', join(root, 'tmp')])
}

async function unpack(downloads: string, root: string): Promise<void> {
  await run(['apt-get', '-q', '-o', 'APT::Sandbox::User=root', 'download', ...PACKAGES], { cwd: downloads })
  for (const file of readdirSync(downloads)) await run(['dpkg', '-x', join(downloads, file), root])
}

function writeAccounts(root: string): void {
  const line = 'nonroot:x:65532:65532:nonroot:/tmp:/usr/sbin/nologin\n'
  writeFileSync(join(root, 'etc/passwd'), `root:x:0:0:root:/root:/usr/sbin/nologin\n${line}`)
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nnonroot:x:65532:\n')
}

/** What update-ca-certificates would do with the package's own files. */
function bundleAuthorities(root: string): void {
  const folder = join(root, 'usr/share/ca-certificates/mozilla')
  const bundle = join(root, 'etc/ssl/certs/ca-certificates.crt')
  mkdirSync(join(bundle, '..'), { recursive: true })
  for (const file of readdirSync(folder)) appendFileSync(bundle, readFileSync(join(folder, file)))
}
