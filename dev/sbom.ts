import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { run } from './command.ts'

/**
 * Writes the packages in the images as CycloneDX. npm makes the list of all packages; its own `--omit=dev` also drops
 * those of ours that a tool of development happens to need, so its mark on each package decides here.
 */

const Component = z.looseObject({
  'bom-ref': z.string(),
  properties: z.array(z.object({ name: z.string(), value: z.string() })),
})
const Bom = z.looseObject({
  components: z.array(Component),
  dependencies: z.array(z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()) })),
})

const isTool = ({ properties }: z.output<typeof Component>): boolean =>
  properties.some(({ name, value }) => name === 'cdx:npm:package:development' && value === 'true')

const [path = 'dist/sbom.json'] = process.argv.slice(2)
const npm = ['npm', 'sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only']
const bom = Bom.parse(JSON.parse(await run(npm)))
const tools = new Set(bom.components.filter(isTool).map((tool) => tool['bom-ref']))
const kept = {
  ...bom,
  components: bom.components.filter((component) => !isTool(component)),
  dependencies: bom.dependencies
    .filter(({ ref }) => !tools.has(ref))
    .map((one) => ({ ...one, dependsOn: one.dependsOn.filter((ref) => !tools.has(ref)) })),
}
mkdirSync(dirname(path), { recursive: true })
writeFileSync(path, `${JSON.stringify(kept, undefined, 2)}\n`)
