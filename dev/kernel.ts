import { createMemoryStream, main } from 'assemblyscript/asc'
import { memoryBytes } from '../runtime/kernel/layout.ts'

const pages = String(memoryBytes / 65_536)

/** It has no allocator and no checks of its own, as it reads and writes at addresses alone. */
const options =
  `--outFile kernel.wasm --importMemory --initialMemory ${pages} --maximumMemory ${pages} ` +
  '--runtime stub --use abort= --noAssert --enable simd -O3 --converge'

/** Compiles runtime/kernel/assembly to WebAssembly. Throws with the compiler's own words. */
export async function compileKernel(): Promise<Uint8Array> {
  let wasm: Uint8Array | undefined
  const stderr = createMemoryStream()
  const { error } = await main(['runtime/kernel/assembly/index.ts', ...options.split(' ')], {
    stderr,
    writeFile: (_name, contents) => void (wasm = Buffer.from(contents)),
  })
  if (error !== null || wasm === undefined)
    throw new Error(`the kernel does not compile:\n${stderr.toString()}`)
  return wasm
}
