import type { Decoder } from './kafkajs.ts'

/** The flexible layout of newer request versions: lengths are varints plus one, structures end with tagged fields. */

export function compactArray<T>(body: Decoder, item: (body: Decoder) => T): T[] {
  return Array.from({ length: Math.max(0, body.readUVarInt() - 1) }, () => item(body))
}

/** Steps over tagged fields: none that we know of says anything to us. */
export function skipTags(body: Decoder): void {
  for (let left = body.readUVarInt(); left > 0; left--) {
    body.readUVarInt()
    const size = body.readUVarInt()
    body.offset += size
  }
}
