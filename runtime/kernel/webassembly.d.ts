/** What we use of WebAssembly, which TypeScript knows of browsers only; and what the kernel exports. */
declare namespace WebAssembly {
  interface Module {
    readonly brand: 'module'
  }
  const Module: new (bytes: Uint8Array) => Module
  class Memory {
    constructor(size: { initial: number; maximum: number })
    readonly buffer: ArrayBuffer
  }
  class Instance {
    constructor(module: Module, imports: { env: { memory: Memory } })
    /** See assembly/index.ts. */
    readonly exports: {
      readonly next: { readonly value: number }
      taught: (count: number) => void
      begin: (known: number, count: number) => void
      misses: () => number
      read: (from: number, end: number, most: number) => number
      fits: (step: number, from: number, end: number) => number
      shorten: (from: number, words: number) => void
    }
  }
}
