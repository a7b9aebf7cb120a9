import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Megabytes: half of what a processor's pod may have, as Node itself takes it for its heap in a container. */
const heap = 256

/**
 * What a process finds in the environment of its pod beside what its Deployment sets: the `ENV` lines of its image; and
 * since a process outside of a container has all the memory of the machine, the heap of one inside, in megabytes.
 */
export const imageEnvironment = (
  image: 'operator' | 'runtime',
  heapMegabytes: number,
): Record<string, string> => {
  const containerfile = join(import.meta.dirname, '..', image, 'Containerfile')
  const lines = readFileSync(containerfile, 'utf8').matchAll(/^ENV (\w+)=(.*)$/gm)
  const env = Object.fromEntries([...lines].map(([, name = '', value = '']) => [name, value]))
  return { ...env, NODE_OPTIONS: `${env['NODE_OPTIONS'] ?? ''} --max-old-space-size=${heapMegabytes}` }
}

/** The environment of a pod of the runtime. */
export const podEnvironment = (): Record<string, string> => imageEnvironment('runtime', heap)
