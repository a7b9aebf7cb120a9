const seed = 0x9747b28c
const m = 0x5bd1e995

/** The last one to three bytes, read as a little-endian number. */
const tail = (data: Uint8Array, at: number): number => {
  let value = 0
  for (let i = data.length - 1; i >= at; i -= 1) value = (value << 8) | (data[i] ?? 0)
  return value
}

/** Austin Appleby's MurmurHash2 as Kafka's `Utils.murmur2` computes it: a signed 32-bit number. */
export const murmur2 = (data: Uint8Array): number => {
  const whole = data.length & ~3
  let h = seed ^ data.length
  for (let i = 0; i < whole; i += 4) {
    let k =
      (data[i] ?? 0) | ((data[i + 1] ?? 0) << 8) | ((data[i + 2] ?? 0) << 16) | ((data[i + 3] ?? 0) << 24)
    k = Math.imul(k, m)
    k = Math.imul(k ^ (k >>> 24), m)
    h = Math.imul(h, m) ^ k
  }
  if (whole < data.length) h = Math.imul(h ^ tail(data, whole), m)
  h = Math.imul(h ^ (h >>> 13), m)
  return h ^ (h >>> 15)
}

/** The partition that Java's default partitioner gives a key: `toPositive(murmur2(key)) % partitions`. */
export const partitionOf = (key: Uint8Array, partitions: number): number =>
  (murmur2(key) & 0x7fffffff) % partitions
