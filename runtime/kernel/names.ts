import { entriesAt } from './layout.ts'

const decoder = new TextDecoder()

/** The texts of the kernel's names by number: each made once, when it is first asked for. */
export class Names {
  readonly #memory: ArrayBuffer
  readonly #entries: Uint32Array
  readonly #texts: string[] = []

  constructor(memory: ArrayBuffer) {
    this.#memory = memory
    this.#entries = new Uint32Array(memory, entriesAt)
  }

  text(number: number): string {
    return (this.#texts[number] ??= this.#read(number))
  }

  #read(number: number): string {
    const [address = 0, length = 0] = this.#entries.subarray(2 * number)
    return decoder.decode(new Uint8Array(this.#memory, address, length))
  }
}
