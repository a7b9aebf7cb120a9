/**
 * Windows `[start, end)` in milliseconds, aligned to the epoch: tumbling when slide is size, hopping when size is
 * a multiple of slide.
 *
 *     slide 1, size 3          ├──┼──┼──┤          ends at every slide
 *                                 ├──┼──┼──┤
 *     origin, mid-slide     ┆       ├┼──┼──┤       the window that contains it is cut there; older ones are not
 *                                                  made, as their events are not known any more
 */
export interface WindowSpec {
  /** Milliseconds; a multiple of `slide`. */
  size: number
  slide: number
}

export interface Window {
  start: number
  end: number
  /** True when the window was cut at the origin. */
  clipped: boolean
}

/** The start of the aligned step that contains the instant. */
export const alignDown = (instant: number, step: number): number => Math.floor(instant / step) * step

/**
 * The first window that ends after `closedUpTo` and does not reach back over `origin`, the instant since which
 * every event is known: only the newest window around the origin is made, cut at it.
 */
export const nextWindow = (
  { size, slide }: WindowSpec,
  at: { closedUpTo: number; origin: number },
): Window => {
  const end = Math.max(alignDown(at.closedUpTo, slide) + slide, alignDown(at.origin, slide) + size)
  const start = Math.max(end - size, at.origin)
  return { start, end, clipped: start > end - size }
}

/** The origin of a stream whose first event lies at `first`: all windows with that event are whole. */
export const firstOrigin = ({ size, slide }: WindowSpec, first: number): number =>
  alignDown(first, slide) + slide - size
