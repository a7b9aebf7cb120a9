import { join } from 'node:path'
import { build as esbuild, type BuildResult, type Plugin } from 'esbuild'

/**
 * Writes the two programs of the images, one file each. What is in a bundle is in the memory of each pod, so it is made
 * with care. (As CommonJS it takes some megabytes more than as an ES module.)
 */

const root = join(import.meta.dirname, '..')
const client = join('node_modules', '@kubernetes', 'client-node', 'dist')

export type Program = 'operator' | 'runtime'

/**
 * Of the client for Kubernetes we use KubeConfig alone. None of its files has an effect by being loaded, which its package
 * does not say: so seven hundred models stay out. Its requests go through undici, ours do not; prom-client asks
 * OpenTelemetry for exemplars, pino writes from a thread to transports, and we have neither. None of it is ever called.
 */
const lean: Plugin = {
  name: 'lean',
  setup(build) {
    build.onResolve({ filter: /^@kubernetes\/client-node$/ }, () => ({
      path: join(root, client, 'index.js'),
      sideEffects: false,
    }))
    build.onResolve({ filter: /^\.\.?\// }, ({ path, importer, resolveDir }) =>
      importer.includes(client) ? { path: join(resolveDir, path), sideEffects: false } : undefined,
    )
    build.onResolve({ filter: /^(undici|@opentelemetry\/api|thread-stream)$/ }, ({ path }) => ({
      path,
      namespace: 'absent',
    }))
    build.onLoad({ filter: /./, namespace: 'absent' }, () => ({ contents: 'module.exports = {}' }))
  },
}

/** An import of Node's HTTP reads all its exports, those that load fetch and WebSocket too; a call of require does not. */
const required: Plugin = {
  name: 'required',
  setup(build) {
    build.onResolve({ filter: /^(node:)?http$/ }, ({ path, kind }) =>
      kind === 'import-statement' ? { path, namespace: 'required' } : undefined,
    )
    build.onLoad({ filter: /./, namespace: 'required' }, ({ path }) => ({
      contents: `module.exports = require('${path}')`,
    }))
  },
}

/** Writes a bundle to the file, and gives what it is made of. Names and lines stay for stack traces. */
export const bundle = (program: Program, file: string): Promise<BuildResult<{ metafile: true }>> =>
  esbuild({
    entryPoints: [join(root, program, 'main.ts')],
    absWorkingDir: root,
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    banner: { js: "import{createRequire as r}from'node:module';const require=r(import.meta.url);" },
    minifyWhitespace: true,
    lineLimit: 200,
    logLevel: 'warning',
    external: ['@node-rs/crc32'],
    plugins: [lean, required],
    metafile: true,
  })

if (import.meta.main) {
  const [program, file] = process.argv.slice(2)
  if ((program !== 'operator' && program !== 'runtime') || file === undefined)
    throw new Error('usage: node dev/bundle.ts operator|runtime FILE')
  await bundle(program, file)
}
