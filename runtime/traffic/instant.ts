import { renderInstant } from '../stream/instant.ts'

/**
 * Writes milliseconds since the epoch as `2026-01-31T23:59:59.123Z`. It remembers the last second it wrote:
 * a stream of events costs one number per event.
 */
export const instants = (): ((milliseconds: number) => string) => {
  let second = Number.NaN
  let prefix = ''
  return (milliseconds) => {
    const wanted = Math.floor(milliseconds / 1_000)
    if (wanted !== second) {
      second = wanted
      prefix = renderInstant(wanted * 1_000).slice(0, -4)
    }
    return `${prefix}${String(milliseconds - wanted * 1_000).padStart(3, '0')}Z`
  }
}
