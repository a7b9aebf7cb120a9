import { readFileSync } from 'node:fs'
import { crc32c } from '@node-rs/crc32'
import type { LogRecord, RecordBatch, Regions } from '../roles/log.ts'
import type { Template } from '../scan/template.ts'
import { type Columns, columnsIn } from './columns.ts'
import { FollowedRow } from './followed.ts'
import * as at from './layout.ts'
import { Names } from './names.ts'
import { writeTemplate } from './template.ts'

/**
 * Records of a batch that the kernel has read, in their order. The time of a row is NaN when the kernel could not read the
 * record.
 */
export interface Rows {
  batch: RecordBatch
  /** The place in the batch from which the places of rows count. */
  place: number
  count: number
  readonly columns: Columns
  /** What the numbers of templates mean. */
  templates: readonly Template[]
  /** Shows how far one was followed through a record. */
  readonly followed: FollowedRow
  /** What the numbers of names mean. Another object once the kernel has forgotten them and numbers anew. */
  names: Names
}

/** What is done with the records of a batch. */
export interface Visitor {
  /** Rows, in an object that is used again. */
  visit: (rows: Rows) => void
  /** Records that the kernel cannot take apart: all of a batch that is too long, those after a damaged one. */
  rest: (record: LogRecord) => void
}

const pageBytes = 65_536
/** Bytes of a message that is worth shortening: a few times what is left of it. */
const leastShortened = 4 * at.lagBytes
/** So many names may find no room before the kernel forgets all to make room: learning must not cost more than it saves. */
const mostMisses = at.mostNames / 2

/**
 * Reads events where they lie in batches of records, many at a time. It reads plain events of known templates alone, as
 * the exact scan does, and leaves the others to its caller.
 */
export class Kernel {
  readonly memory: ArrayBuffer
  readonly #exports: WebAssembly.Instance['exports']
  readonly #known: readonly string[]
  /** Templates; before the first one records are read one by one, as each may teach it. */
  #taught: readonly Template[] = []
  /** Of the batch that is shown. */
  #address = 0
  /** Pairs of regions that were given away. */
  #pairs = 0
  readonly #rows: Omit<Rows, 'batch' | 'place'>
  readonly #short: Uint8Array

  /** `known` are the names that have the first numbers: a `known` value is one of them. */
  constructor(known: readonly string[]) {
    const pages = at.memoryBytes / pageBytes
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
    const instance = new WebAssembly.Instance(program(), { env: { memory } })
    this.memory = memory.buffer
    this.#exports = instance.exports
    this.#known = known
    this.#short = new Uint8Array(this.memory, at.shortAt, at.lagBytes)
    this.#rows = {
      count: 0,
      columns: columnsIn(this.memory),
      templates: [],
      followed: new FollowedRow(
        (step, from, end) =>
          // Once others were taught the steps are no longer those of the rows.
          this.#taught === this.#rows.templates &&
          this.#exports.fits(step, this.#address + from, this.#address + end) !== 0,
      ),
      names: this.#begin(),
    }
  }

  /** From now on events of these templates are plain, and no others. */
  teach(templates: readonly Template[]): void {
    const taught: Template[] = []
    for (const template of templates.slice(0, at.mostTemplates))
      if (writeTemplate(this.memory, taught.length, template)) taught.push(template)
    this.#taught = taught
    this.#exports.taught(taught.length)
  }

  /** Shows the wanted records of a batch, and others before them: who looks at rows asks for their offsets. */
  read(batch: RecordBatch, { visit, rest }: Visitor): void {
    const { count, bytes } = batch
    const address = this.#place(bytes)
    let index = 0
    let place = batch.from
    while (index < count) {
      if (address === undefined) break
      this.#address = address
      const most = Math.min(this.#taught.length > 0 ? at.mostRows : 1, count - index)
      const rows = this.#exports.read(address + place, address + bytes.length, most)
      if (rows === 0) break
      this.#rows.count = rows
      this.#rows.templates = this.#taught
      visit(Object.assign(this.#rows, { batch, place }))
      index += rows
      place = this.#exports.next.value - address
    }
    if (index < count) batch.each({ place, count: count - index }, rest)
    if (this.#exports.misses() > mostMisses) this.#rows.names = this.#begin()
  }

  /** Two regions of its memory to read batches into, where they need not be copied; undefined when there are no more. */
  regions(): Regions | undefined {
    const address = at.regionsAt + this.#pairs * 2 * at.regionBytes
    if (this.#pairs === at.mostPairs) return undefined
    this.#pairs += 1
    return [
      Buffer.from(this.memory, address, at.regionBytes),
      Buffer.from(this.memory, address + at.regionBytes, at.regionBytes),
    ]
  }

  /** CRC-32C of the bytes. In the kernel's memory a long message is shortened first, which is faster than the library. */
  checksum(bytes: Uint8Array): number {
    if (bytes.buffer !== this.memory || bytes.length < leastShortened) return crc32c(bytes)
    const words = bytes.length >>> 4
    this.#exports.shorten(bytes.byteOffset, words)
    // It has the first state in it. The library would invert that of its own.
    const sum = crc32c(this.#short, 0xff_ff_ff_ff)
    return bytes.length & 15 ? crc32c(bytes.subarray(words << 4), sum) : sum
  }

  /** The address of the bytes in the kernel's memory, where they are copied to when they lie elsewhere. */
  #place(bytes: Uint8Array): number | undefined {
    if (bytes.buffer === this.memory) return bytes.byteOffset
    if (bytes.length > at.copyBytes) return undefined
    new Uint8Array(this.memory).set(bytes, at.copyAt)
    return at.copyAt
  }

  /** Forgets all names but the known ones. */
  #begin(): Names {
    const bytes = this.#known.flatMap((name) => [name.length, ...Buffer.from(name)])
    new Uint8Array(this.memory).set(bytes, at.copyAt)
    this.#exports.begin(at.copyAt, this.#known.length)
    return new Names(this.memory)
  }
}

let compiled: WebAssembly.Module | undefined

/** The compiled kernel lies beside this file, or beside the bundle that it is in. */
const program = (): WebAssembly.Module =>
  (compiled ??= new WebAssembly.Module(readFileSync(new URL('kernel.wasm', import.meta.url))))
