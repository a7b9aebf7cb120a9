import {
  entriesAt,
  lettersAt,
  lettersEnd,
  longestName,
  mostNames,
  slotBytes,
  slotCount,
  slotsAt,
} from '../layout'
import { same } from './text'

/** Slots that a name may take, beginning with the one that its hash tells: looking up has a bound, whatever comes. */
const neighbours: u32 = 16
/** Odd numbers without a pattern, of the golden ratio and of the square roots of two and three. */
const prime1: u64 = 0x9e3779b97f4a7c15
const prime2: u64 = 0x6a09e667f3bcc909
const prime3: u64 = 0xbb67ae8584caa73b

/** Sixteen bytes of ones and then of zeros: from byte `16 - length` on it is the mask of `length` bytes. */
const mask = memory.data<u8>([
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0,
])

let count: u32 = 0
let letters: usize = lettersAt

/** How often a name found no room since all were forgotten. */
export let homeless: u32 = 0

/** Forgets all names. */
export function forget(): void {
  memory.fill(slotsAt, 0, slotCount * slotBytes)
  count = 0
  letters = lettersAt
  homeless = 0
}

/** The number of the name, -1 when it is not known and `learn` is false, or when there is no room for it. */
export function name(at: usize, length: usize, learn: bool): i32 {
  if (length > (longestName as usize)) return -1
  // Without a branch: lengths cannot be foretold.
  const head = v128.and(v128.load(at), v128.load(mask + 16 - min<usize>(length, 16)))
  const hash = hashOf(head, at, length)
  for (let probe: u32 = 0; probe < neighbours; probe += 1) {
    const slot = slotsAt + ((hash + probe) & (slotCount - 1)) * slotBytes
    const number = load<u32>(slot, 20)
    if (number == 0) return learn ? take(slot, head, at, length) : -1
    if (load<u32>(slot, 16) != (length as u32) || v128.any_true(v128.xor(v128.load(slot), head))) continue
    if (length <= 16 || isEntry(number - 1, at, length)) return (number - 1) as i32
  }
  homeless += 1
  return -1
}

function isEntry(number: u32, at: usize, length: usize): bool {
  return same(load<u32>(entriesAt + (number << 3)) + 16, at + 16, length - 16)
}

function take(slot: usize, head: v128, at: usize, length: usize): i32 {
  const room = (length + 15) & ~15
  if (count == mostNames || letters + room > (lettersEnd as usize)) {
    homeless += 1
    return -1
  }
  const number = count
  const entry = entriesAt + (number << 3)
  memory.copy(letters, at, length)
  store<u32>(entry, letters)
  store<u32>(entry, length, 4)
  v128.store(slot, head)
  store<u32>(slot, length, 16)
  store<u32>(slot, number + 1, 20)
  letters += room
  count += 1
  return number as i32
}

/** A hash that only places names: they are compared byte by byte. */
function hashOf(head: v128, at: usize, length: usize): u32 {
  const low = (i64x2.extract_lane(head, 0) as u64) ^ (length as u64)
  const high = i64x2.extract_lane(head, 1) as u64
  let hash = (low * prime1) ^ rotl<u64>(high * prime2, 32)
  for (let from: usize = 16; from < length; from += 8) {
    const left = length - from
    const word = load<u64>(at + from)
    const rest = left < 8 ? word & (((1 as u64) << ((left << 3) as u64)) - 1) : word
    hash = (rotl<u64>(hash, 29) ^ rest) * prime3
  }
  hash ^= hash >> 29
  return ((hash * prime3) >> 32) as u32
}
