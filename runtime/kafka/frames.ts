import type { Regions } from '../roles/log.ts'

const sizeLength = 4
const firstRegion = 64 * 1_024

const twoRegions = (): Regions => [Buffer.allocUnsafeSlow(firstRegion), Buffer.allocUnsafeSlow(firstRegion)]

/**
 * Puts the frames of a connection together where the kernel writes them: a large one is neither allocated for nor
 * copied. Two regions take turns, so a frame stays valid until the frame after the next begins to arrive; small
 * ones are copied and stay.
 */
export class Frames {
  readonly #keep: number
  #region: Buffer
  #other: Buffer
  #filled = 0

  /** Frames up to `keep` bytes are copied. Where `regions` are too small for a frame, larger ones take their places. */
  constructor({ keep = 16 * 1_024, regions = twoRegions() }: { keep?: number; regions?: Regions } = {}) {
    this.#keep = keep
    ;[this.#region, this.#other] = regions
  }

  /** Where the next bytes shall be written. */
  room(): Buffer {
    return this.#region.subarray(this.#filled)
  }

  /** Takes `count` bytes that were written there; gives each frame that is complete, with its size in front. */
  filled(count: number): Buffer[] {
    this.#filled += count
    const frames: Buffer[] = []
    for (let size = this.#size(); size !== undefined && size <= this.#filled; size = this.#size()) {
      frames.push(this.#cut(size))
    }
    const size = this.#size()
    if (size !== undefined && size > this.#region.length)
      this.#region = moved(this.#region, this.#filled, size)
    return frames
  }

  #size(): number | undefined {
    return this.#filled < sizeLength ? undefined : sizeLength + this.#region.readInt32BE(0)
  }

  /** Takes the first frame out. Large ones come alone, as answers to one request at a time; else it is copied. */
  #cut(size: number): Buffer {
    const frame = this.#region.subarray(0, size)
    const alone = this.#filled === size
    this.#filled -= size
    if (alone && size > this.#keep) {
      ;[this.#region, this.#other] = [this.#other, this.#region]
      return frame
    }
    const copy = Buffer.from(frame)
    this.#region.copyWithin(0, size, size + this.#filled)
    return copy
  }
}

/** A region of at least `size` bytes, in steps of powers of two, with the first bytes of another. */
function moved(from: Buffer, filled: number, size: number): Buffer {
  const region = Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(size)))
  from.copy(region, 0, 0, filled)
  return region
}
