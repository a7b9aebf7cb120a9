import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const containerfile = join(import.meta.dirname, '..', 'runtime', 'Containerfile')

/** Megabytes: half of what a processor's pod may have, as Node itself takes it for its heap in a container. */
const heap = 256

/**
 * What a process of the runtime finds in the environment of its pod beside what the operator sets: the `ENV` lines of the
 * image; and since a process outside of a container has all the memory of the machine, the heap of one inside.
 */
export const podEnvironment = (): Record<string, string> => {
  const lines = readFileSync(containerfile, 'utf8').matchAll(/^ENV (\w+)=(.*)$/gm)
  const image = Object.fromEntries([...lines].map(([, name = '', value = '']) => [name, value]))
  return { ...image, NODE_OPTIONS: `${image['NODE_OPTIONS'] ?? ''} --max-old-space-size=${heap}` }
}
