import { eventTypes } from '../event.ts'
import type { ReadMemory, Regions } from '../roles/log.ts'
import { fastScan } from '../scan/fast.ts'
import type { Scan } from '../scan/scan.ts'
import type { Template } from '../scan/template.ts'
import { Kernel } from './kernel.ts'

/** How a processor reads events; one serves all its partitions, as what it learns of the producers holds for all. */
export class Reading implements ReadMemory {
  /** For what the kernel leaves, and what is in no batch. */
  readonly scan: Scan = fastScan((templates) => this.#teach(templates))
  #kernel: Kernel | undefined
  #templates: readonly Template[] = []

  /** For whole batches; made when the first one comes. */
  get kernel(): Kernel {
    if (this.#kernel === undefined) {
      this.#kernel = new Kernel(eventTypes)
      this.#kernel.teach(this.#templates)
    }
    return this.#kernel
  }

  regions(): Regions | undefined {
    return this.kernel.regions()
  }

  checksum(bytes: Uint8Array): number {
    return this.kernel.checksum(bytes)
  }

  #teach(templates: readonly Template[]): void {
    this.#templates = templates
    this.#kernel?.teach(templates)
  }
}
