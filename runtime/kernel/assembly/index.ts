/**
 * The kernel: reads the events of a batch of records without making anything but rows of numbers. What is not plain
 * it leaves to its host, in a row whose time is NaN. It accepts only what the exact scan accepts, and reads it the same.
 * Beside that it shortens a batch whose checksum is asked for.
 */
import {
  columnBytes,
  deviceColumn,
  durationColumn,
  kindEnd,
  kindHash,
  kindInstant,
  kindKnown,
  kindName,
  kindText,
  kindWhole,
  offsetColumn,
  pageColumn,
  placeColumn,
  referrerColumn,
  rowsAt,
  sessionColumn,
  spareRow,
  stepBytes,
  stepColumnAt,
  stepKind,
  stepLeast,
  stepMost,
  stepPiece,
  stepPieceLength,
  templateBytes,
  templateColumn,
  templatesAt,
  timeColumn,
  typeColumn,
  userColumn,
  valueAtColumn,
  valuesColumn,
} from '../layout'
import { instant, instantValue } from './instant'
import { hashInto } from './murmur3'
import { forget, homeless, name } from './names'
import { same, text, whole, wholeValue } from './text'

export { shorten } from './checksum'

const quote: u8 = 0x22

/** Names that come first are the known ones. */
let knownNames: i32 = 0
let templates: u32 = 0
/** The template of the last plain record, as the next one mostly has it too. */
let last: u32 = 0

/** The address after the last record that `read` has read. */
export let next: usize = 0

/** How often a name found no room since `begin`. */
export function misses(): u32 {
  return homeless
}

/** The host has written this many templates. */
export function taught(count: u32): void {
  templates = count
  last = 0
}

/** Forgets all names but the known ones, whose lengths and letters lie at the address: a byte and the letters of each. */
export function begin(known: usize, count: i32): void {
  forget()
  for (let left = count; left > 0; left -= 1) {
    const length = load<u8>(known) as usize
    name(known + 1, length, true)
    known += 1 + length
  }
  knownNames = count
}

/** Reads at most `most` records from one address up to another into rows, and gives their number. */
export function read(from: usize, end: usize, most: i32): i32 {
  let at = from
  let row: usize = 0
  while (row < (most as usize) && at < end) {
    followedTo = 0
    const after = record(at, end, row)
    if (after == 0) break
    put(placeColumn, row, at - from)
    put(valueAtColumn, row, followedTo - from)
    at = after
    row += 1
  }
  next = at
  return row as i32
}

/** Sets the word of a row in a column. */
function put(column: usize, row: usize, word: i32): void {
  store<i32>(wordAt(columnAt(column), row), word)
}

/** The address of a column. */
function columnAt(column: usize): usize {
  return rowsAt + column * columnBytes
}

/** Where the word of a row is in the column at an address; and in a column of two words a row. */
function wordAt(start: usize, row: usize): usize {
  return start + (row << 2)
}

function pairAt(start: usize, row: usize): usize {
  return start + (row << 3)
}

let varintEnd: usize = 0

function varint(at: usize): i64 {
  let byte = load<u8>(at) as u64
  let raw = byte & 127
  for (let shift: u64 = 7; byte > 127 && shift < 64; shift += 7) {
    at += 1
    byte = load<u8>(at) as u64
    raw |= (byte & 127) << shift
  }
  varintEnd = at + 1
  return ((raw >> 1) as i64) ^ -((raw & 1) as i64)
}

/** The address after the record, 0 when it does not fit. */
function record(at: usize, limit: usize, row: usize): usize {
  const length = varint(at)
  const start = varintEnd
  if (length < 6 || length > ((limit - start) as i64)) return 0
  const end = start + (length as usize)
  varint(start + 1) // the time; the byte before it has the attributes, of which there are none
  put(offsetColumn, row, varint(varintEnd) as i32)
  const key = varint(varintEnd)
  if (key > length) return 0
  if (key > 0) varintEnd += key as usize
  const size = varint(varintEnd)
  if (varintEnd > end || size > ((end - varintEnd) as i64)) return 0
  const plain = size > 0 && event(varintEnd, varintEnd + (size as usize), row)
  if (!plain) hole(row)
  return end
}

/** Makes a row of nothing that counts: neither hash nor duration, and names that are none. */
function hole(row: usize): void {
  store<f64>(pairAt(columnAt(timeColumn), row), NaN)
  store<i64>(pairAt(columnAt(userColumn), row), 0)
  store<i64>(pairAt(columnAt(sessionColumn), row), 0)
  put(durationColumn, row, 0)
  put(typeColumn, row, -1)
  put(pageColumn, row, -1)
  put(referrerColumn, row, -1)
  put(deviceColumn, row, -1)
  put(templateColumn, row, followedTo == 0 ? -1 : (followed as i32))
  put(valuesColumn, row, followedValues)
}

function event(from: usize, end: usize, row: usize): bool {
  if (last < templates && follows(last, from, row) == end) return true
  for (let template: u32 = 0; template < templates; template += 1) {
    if (template == last || follows(template, from, row) != end) continue
    last = template
    return true
  }
  return false
}

/** Of the template that was followed furthest through a record, and failed: how many values it read, where the next begins. */
let followed: u32 = 0
let followedValues: i32 = 0
let followedTo: usize = 0

/** The address after what the template describes, 0 when it describes something else. */
function follows(template: u32, from: usize, row: usize): usize {
  let at = from
  let begin: usize = 0
  let step: usize = templatesAt + template * templateBytes
  let valueStep = step
  while (true) {
    const length = load<u32>(step, stepPieceLength) as usize
    if (!same(load<u32>(step, stepPiece), at, length)) break
    at += length
    if (load<u8>(step, stepKind) == kindEnd) return at
    begin = at
    valueStep = step
    at = value(step, at, row)
    if (at == 0) break
    step += stepBytes
  }
  if (begin > followedTo) {
    followed = template
    followedValues = ((valueStep - templatesAt - template * templateBytes) / stepBytes) as i32
    // A text begins with a quote, which belongs to the piece before it.
    followedTo = load<u8>(valueStep, stepKind) == kindWhole ? begin : begin - 1
  }
  return 0
}

/** Whether a template fits from the value of this step on, which begins at the address, to the end. */
export function fits(number: u32, from: usize, end: usize): bool {
  let step: usize = templatesAt + number * stepBytes
  let at = from
  if (load<u8>(step, stepKind) != kindWhole) {
    if (load<u8>(at) != quote) return false
    at += 1
  }
  while (true) {
    at = value(step, at, spareRow)
    if (at == 0) return false
    step += stepBytes
    const length = load<u32>(step, stepPieceLength) as usize
    if (!same(load<u32>(step, stepPiece), at, length)) return false
    at += length
    if (load<u8>(step, stepKind) == kindEnd) return at == end
  }
}

/** Reads a value into the row. */
function value(step: usize, from: usize, row: usize): usize {
  const column: usize = rowsAt + (load<u16>(step, stepColumnAt) as usize)
  const kind = load<u8>(step, stepKind) as i32
  if (kind == kindInstant) {
    const end = instant(from)
    store<f64>(pairAt(column, row), instantValue)
    return end
  }
  const most = load<u32>(step, stepMost)
  if (kind > kindKnown) {
    const end = whole(from)
    store<i32>(wordAt(column, row), wholeValue)
    return (wholeValue as u32) <= most ? end : 0
  }
  const end = text(from, most)
  const length = end - from
  if (end == 0 || length < (load<u8>(step, stepLeast) as usize)) return 0
  if (kind == kindText) return end
  if (kind == kindHash) {
    hashInto(pairAt(column, row), from, length)
    return end
  }
  const number = name(from, length, kind == kindName)
  store<i32>(wordAt(column, row), number)
  if (number < 0 || (kind == kindKnown && number >= knownNames)) return 0
  return end
}
