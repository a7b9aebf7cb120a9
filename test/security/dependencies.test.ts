import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { run } from '../../dev/command.ts'

/** What comes from others into the images. */

const root = join(import.meta.dirname, '..', '..')
const directory = mkdtempSync(join(tmpdir(), 'dependencies-'))
after(() => rmSync(directory, { recursive: true }))

interface Locked {
  version: string
  license?: string
  integrity?: string
  dev?: boolean
  hasInstallScript?: boolean
}
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, Locked>
}

/** Packages that are no tools of development, by their path. */
const production = Object.entries(lock.packages)
  .filter(([path, { dev }]) => path !== '' && dev !== true)
  .map(([path, locked]) => ({ name: path.replace(/^.*node_modules\//, ''), ...locked }))

const permissive = [
  'MIT',
  'Apache-2.0',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'PSF-2.0',
  'Unlicense',
  '0BSD',
]

test('each package has a digest and a permissive licence, and none runs a script when it is installed', () => {
  assert.ok(production.length > 50)
  for (const { name, license, integrity, hasInstallScript = false } of production) {
    assert.match(integrity ?? '', /^sha512-/, name)
    assert.ok(permissive.includes(license ?? ''), `${name}: ${license}`)
    assert.equal(hasInstallScript, false, name)
  }
})

test('without any script of theirs the packages install and work', async () => {
  for (const file of ['package.json', 'package-lock.json']) cpSync(join(root, file), join(directory, file))
  await run(['npm', 'ci', '--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund', '--prefer-offline'], {
    cwd: directory,
  })
  // The one native package, which the images have beside the bundle.
  const program =
    "import('@node-rs/crc32').then(({ crc32c }) => console.log(crc32c('123456789').toString(16)))"
  assert.equal(await run([process.execPath, '-e', program], { cwd: directory }), 'e3069283\n')
})

test('the bill of materials names each package of the images, and no tool of development', async () => {
  await run(['make', '--silent', 'sbom'], { cwd: root })
  const sbom = JSON.parse(readFileSync(join(root, 'dist/sbom.json'), 'utf8'))
  assert.equal(sbom.bomFormat, 'CycloneDX')
  const components = sbom.components as {
    name: string
    version: string
    licenses?: object[]
    hashes?: object[]
  }[]
  const listed = new Set(components.map(({ name, version }) => `${name}@${version}`))
  assert.deepEqual(
    [...listed].sort(),
    [...new Set(production.map(({ name, version }) => `${name}@${version}`))].sort(),
  )
  for (const { name, licenses, hashes } of components) assert.ok(licenses && hashes, name)
})
