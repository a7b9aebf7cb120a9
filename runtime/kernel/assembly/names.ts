import { entriesAt, lettersAt, lettersEnd, longestName, mostNames, slotCount, slotsAt } from '../layout'
import { same } from './text'

/** Slots that a name may take, beginning with the one that its hash tells: looking up has a bound, whatever comes. */
const neighbours: u32 = 16
const prime: u64 = 0x9e3779b97f4a7c15

let count: u32 = 0
let letters: usize = lettersAt

/** How often a name found no room since all were forgotten. */
export let homeless: u32 = 0

/** Forgets all names. */
export function forget(): void {
  memory.fill(slotsAt, 0, slotCount * 8)
  count = 0
  letters = lettersAt
  homeless = 0
}

/** The number of the name, -1 when it is not known and `learn` is false, or when there is no room for it. */
export function name(at: usize, length: usize, learn: bool): i32 {
  if (length > (longestName as usize)) return -1
  const hash = hashOf(at, length)
  for (let probe: u32 = 0; probe < neighbours; probe += 1) {
    const slot = slotsAt + (((hash + probe) & (slotCount - 1)) << 3)
    const number = load<u32>(slot, 4)
    if (number == 0) return learn ? take(slot, hash, at, length) : -1
    if (load<u32>(slot) == hash && isEntry(number - 1, at, length)) return (number - 1) as i32
  }
  homeless += 1
  return -1
}

function isEntry(number: u32, at: usize, length: usize): bool {
  const entry = entriesAt + (number << 3)
  return load<u32>(entry, 4) == (length as u32) && same(load<u32>(entry), at, length)
}

function take(slot: usize, hash: u32, at: usize, length: usize): i32 {
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
  store<u32>(slot, hash)
  store<u32>(slot, number + 1, 4)
  letters += room
  count += 1
  return number as i32
}

/** A hash that only places names: they are compared byte by byte. */
function hashOf(at: usize, length: usize): u32 {
  let hash: u64 = (length as u64) * prime
  let left = length
  while (left >= 8) {
    hash = (hash ^ load<u64>(at)) * prime
    hash ^= hash >> 32
    at += 8
    left -= 8
  }
  const rest = load<u64>(at) & (((1 as u64) << ((left << 3) as u64)) - 1)
  hash = (hash ^ rest) * prime
  return (hash ^ (hash >> 32)) as u32
}
