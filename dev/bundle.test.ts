import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { bundle, type Program } from './bundle.ts'
import { run } from './command.ts'

// Beside the package that no bundle holds.
const directory = mkdtempSync(join(import.meta.dirname, '..', 'node_modules', '.bundle-'))
after(() => rmSync(directory, { recursive: true }))

const fileOf = (program: Program): string => join(directory, `${program}.mjs`)

/** The files that a bundle has anything of. */
const made = async (program: Program): Promise<string[]> => {
  const { metafile } = await bundle(program, fileOf(program))
  const [output] = Object.values(metafile.outputs)
  return Object.entries(output?.inputs ?? {}).flatMap(([path, part]) =>
    part.bytesInOutput > 0 ? [path] : [],
  )
}
const inputs = { operator: await made('operator'), runtime: await made('runtime') }

/** Which of these modules of its own Node has loaded when a program without arguments has said how it is used. */
const loaded = async (file: string, modules: readonly string[]): Promise<string[]> => {
  const program = `process.on('exit', () => console.log(process.moduleLoadList.join('\\n')))
    process.exit = () => (process.exitCode = 0)
    import(${JSON.stringify(file)})`
  const list = (await run([process.execPath, '--eval', program])).split('\n')
  return modules.filter((name) => list.includes(`NativeModule ${name}`))
}

test('the operator has the login of the Kubernetes client, without its requests and its models', () => {
  assert.deepEqual(
    inputs.operator.filter((path) =>
      /client-node.dist.(config.js|gen.models)|node_modules.undici/.test(path),
    ),
    ['node_modules/@kubernetes/client-node/dist/config.js'],
  )
})

for (const program of ['operator', 'runtime'] as const) {
  test(`the ${program} serves HTTP without the fetch of Node, which would be in the memory of each pod`, async () => {
    const modules = ['_http_server', 'internal/deps/undici/undici']
    assert.deepEqual(await loaded(fileOf(program), modules), ['_http_server'])
  })
}
