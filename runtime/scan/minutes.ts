import { asciiAt } from '../span.ts'
import { parseInstant } from '../stream/instant.ts'

/**
 * When minutes begin. Events come minute after minute, so the last one is remembered, as the 16 bytes that name it:
 *
 *     2026-01-31T23:59
 *     └──┘└──┘└──┘└──┘
 */
export class Minutes {
  #words = new Int32Array(4)
  #start = -1

  /** Milliseconds since the epoch of the minute that begins with these bytes; -1 when there is none, or before 1970. */
  start(view: DataView, at: number): number {
    const words = this.#words
    if (
      view.getInt32(at, true) === words[0] &&
      view.getInt32(at + 4, true) === words[1] &&
      view.getInt32(at + 8, true) === words[2] &&
      view.getInt32(at + 12, true) === words[3]
    )
      return this.#start
    this.#start = parseInstant(`${asciiAt({ view, from: at, length: 16 })}:00Z`) ?? -1
    for (let index = 0; index < 4; index += 1) words[index] = view.getInt32(at + 4 * index, true)
    return this.#start
  }
}
