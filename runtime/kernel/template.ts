import { addressBytes, idBytes, longestDuration, nameBytes } from '../scan/bounds.ts'
import { field, fieldCount, type Template } from '../scan/template.ts'
import * as at from './layout.ts'

/** What the kernel does with the value of a field. */
interface Reading {
  kind: number
  /** Bytes that a text has at least and at most; the highest number. */
  least?: number
  most?: number
  /** The column of the rows that it fills. */
  column?: number
}

const readings: Record<number, Reading> = {
  [field.event_id]: { kind: at.kindText, least: 1, most: idBytes },
  [field.timestamp]: { kind: at.kindInstant, column: at.timeColumn },
  [field.user_id]: { kind: at.kindHash, least: 1, most: idBytes, column: at.userColumn },
  [field.session_id]: { kind: at.kindHash, least: 1, most: idBytes, column: at.sessionColumn },
  [field.event_type]: { kind: at.kindKnown, most: nameBytes, column: at.typeColumn },
  [field.page_url]: { kind: at.kindName, least: 1, most: addressBytes, column: at.pageColumn },
  [field.page_category]: { kind: at.kindText, most: nameBytes },
  [field.referrer]: { kind: at.kindName, most: addressBytes, column: at.referrerColumn },
  [field.device_type]: { kind: at.kindName, least: 1, most: nameBytes, column: at.deviceColumn },
  [field.country]: { kind: at.kindText, most: nameBytes },
  [field.duration_ms]: { kind: at.kindWhole, most: longestDuration, column: at.durationColumn },
}

const piecesAt = (fieldCount + 1) * at.stepBytes

/** Writes a template into its place in the kernel's memory. False when it is too long for that. */
export const writeTemplate = (memory: ArrayBuffer, place: number, template: Template): boolean => {
  const { fields, pieces, starts } = template
  const address = at.templatesAt + place * at.templateBytes
  if (piecesAt + pieces.byteLength > at.templateBytes) return false
  const view = new DataView(memory, address, at.templateBytes)
  const bytes = new Uint8Array(pieces.buffer, pieces.byteOffset, pieces.byteLength)
  new Uint8Array(memory, address, at.templateBytes).set(bytes, piecesAt)
  for (let index = 0; index <= fieldCount; index += 1) {
    const step = index * at.stepBytes
    const [start = 0, end = 0] = starts.subarray(index)
    const { kind, least = 0, most = 0, column = 0 } = readings[fields[index] ?? -1] ?? { kind: at.kindEnd }
    view.setUint32(step + at.stepPiece, address + piecesAt + start, true)
    view.setUint32(step + at.stepPieceLength, end - start, true)
    view.setUint32(step + at.stepMost, most, true)
    view.setUint8(step + at.stepLeast, least)
    view.setUint8(step + at.stepKind, kind)
    view.setUint16(step + at.stepColumnAt, column * at.columnBytes, true)
  }
  return true
}
