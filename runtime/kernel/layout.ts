/**
 * Where things lie in the kernel's memory, in bytes, and which column of the rows says what. Both sides import this file:
 * the kernel, which AssemblyScript compiles, and its host. So it holds whole numbers alone.
 *
 *     0      the compiler's own
 *     64 K   templates    rows    entries and slots of names    letters of names
 *     2 M    batches that came in other memory are copied here    words that were cleared    what is left
 *     4 M    fetches are read here, two regions for each broker
 *     60 M
 */

/**
 * Size of the memory; what is never touched costs nothing. It never grows: that would move it away from under a socket
 * that reads into it. What is read may run some kilobytes past the end of a batch, so something is left behind all. Of 64 MB
 * or more V8 would make room first, by a collection of the whole heap.
 */
export const memoryBytes = 62_914_560

/** Templates, and how many there can be: steps, the last one of the kind `end`, and the bytes that they expect. */
export const templatesAt = 65_536
export const mostTemplates = 8
export const templateBytes = 4_096

/**
 * A step: the bytes that must come next, their address (4 bytes) and length (4); then a value: the most bytes that it
 * may have, or the highest number (4), the least bytes (1), its kind (1), and how many bytes from `rowsAt` on the column lies
 * that it fills (2).
 */
export const stepBytes = 16
export const stepPiece = 0
export const stepPieceLength = 4
export const stepMost = 8
export const stepLeast = 12
export const stepKind = 13
export const stepColumnAt = 14

/** Kinds of values: nothing more, a text that is only checked, an instant, the hash of a text, its number, a number. */
export const kindEnd = 0
export const kindText = 1
export const kindInstant = 2
export const kindHash = 3
export const kindName = 4
/** A text that must be known: what is none of the first names is not plain. */
export const kindKnown = 5
export const kindWhole = 6

/**
 * Rows: one for each record, in columns that lie 65 lines of the cache apart: at a power of two all words of a row would
 * fall into one set.
 */
export const rowsAt = 98_304
export const mostRows = 1_024
/** Behind the last one; it counts for nothing: what is only tried is read into it. */
export const spareRow = 1_024
export const columnBytes = 4_160
export const columnCount = 16
/**
 * Columns. The first three take two words a row, and count as two: a double, the milliseconds since the epoch, and hashes.
 * When the record is not plain, the time is NaN, hashes and duration are 0, and names are -1.
 */
export const timeColumn = 0
export const userColumn = 2
export const sessionColumn = 4
export const offsetColumn = 6
export const placeColumn = 7
export const durationColumn = 8
export const typeColumn = 9
export const pageColumn = 10
export const referrerColumn = 11
export const deviceColumn = 12
/** Of a record that is not plain: the template that was followed furthest, -1 when there is none; how many of its values
 * are plain; and the place of the next one. */
export const templateColumn = 13
export const valuesColumn = 14
export const valueAtColumn = 15

/** Names by number: the address of their letters and their length. */
export const entriesAt = 164_864
export const mostNames = 16_384
/** Open addressing: the first 16 bytes of a name, filled up with zeros; its length; its number plus one; nothing. */
export const slotsAt = 295_936
export const slotCount = 32_768
export const slotBytes = 32
/** Letters of names, each beginning at a multiple of 16. */
export const lettersAt = 1_344_512
export const lettersEnd = 2_097_152
/** Longer names are not remembered: an address with a query may be long, and is seldom seen again. */
export const longestName = 256

/** Where a batch is copied to that lies in other memory, and the longest such. */
export const copyAt = 2_097_152
export const copyBytes = 1_966_080

/** Of a message whose checksum is asked for: how far its words are moved on, in bytes; those that were; what is left. */
export const lagBytes = 3_344
export const clearedAt = 4_128_768
export const clearedEnd = 4_161_536
export const shortAt = 4_161_536

/** Where fetches are read to: pairs of regions, each of which takes the most that a fetch asks for. */
export const regionsAt = 4_194_304
export const regionBytes = 4_456_448
export const mostPairs = 6
