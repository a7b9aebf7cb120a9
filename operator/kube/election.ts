/** Milliseconds of the election; client-go's names and figures. */
export interface Terms {
  /** A holder that was not heard of for so long is succeeded. */
  leaseDuration: number
  /** A holder that could not renew for so long writes no more. */
  renewDeadline: number
  /** Between two looks at the lease. */
  retryPeriod: number
}

/** leaseDuration less renewDeadline is what clocks, pauses and requests under way may eat: five seconds. */
export const defaultTerms: Terms = { leaseDuration: 15_000, renewDeadline: 10_000, retryPeriod: 2_000 }

/** What a Lease says. */
export interface LeaseRecord {
  /** '' when it was released. */
  holder: string
  /** Milliseconds that the holder asks to be given. */
  duration: number
  /** The holder's wall clock: only compared, never computed with. */
  renewed: string
  /** How often the holder changed. */
  transitions: number
}

/** What this instance saw last, and since when; undefined: no Lease. */
export interface Observed {
  record: LeaseRecord | undefined
  /** Monotonic time at which it was first seen so. */
  since: number
  /** Milliseconds that it must stay so before somebody else may take it. */
  patience: number
}

/** A Lease that changed is a holder that lives. Its own times are of another machine's clock and prove nothing. */
export const observe = (
  before: Observed | undefined,
  record: LeaseRecord | undefined,
  { now, terms }: { now: number; terms: Terms },
): Observed => {
  if (before && isSame(before.record, record)) return before
  return { record, since: now, patience: patienceWith(before, record, terms) }
}

/** What to do about the lease. */
export type Step =
  /** It is ours: write it again. */
  | { kind: 'renew' }
  /** Nobody holds it any more, or nobody ever did. */
  | { kind: 'take' }
  /** Somebody holds it for at least so many milliseconds more. */
  | { kind: 'wait'; ms: number }
  /** We held it and do not any more. */
  | { kind: 'lost' }

export interface Standing {
  identity: string
  now: number
  /** Monotonic time up to which we may write; undefined when we do not lead. */
  validUntil: number | undefined
}

/**
 * The next step of an instance. Who does not lead waits for any holder, even for one of its own name: who moved the
 * lease to us may have left its old holder at work. Who leads and finds the Lease gone writes it again.
 */
export const decide = ({ record, since, patience }: Observed, standing: Standing): Step => {
  const { identity, now, validUntil } = standing
  if (validUntil === undefined) {
    const left = since + patience - now
    return left > 0 ? { kind: 'wait', ms: left } : { kind: 'take' }
  }
  if (now >= validUntil || (record && record.holder !== identity)) return { kind: 'lost' }
  return { kind: 'renew' }
}

/** Until when a holder may write that began at `start` to renew what the API server has by now. */
export const validity = (start: number, { renewDeadline }: Terms): number => start + renewDeadline

/** None for a lease that was released or never was; a Lease that was deleted may still have a holder at work. */
function patienceWith(before: Observed | undefined, record: LeaseRecord | undefined, terms: Terms): number {
  if (record) return record.holder === '' ? 0 : record.duration || terms.leaseDuration
  return before?.patience ?? 0
}

const isSame = (one: LeaseRecord | undefined, other: LeaseRecord | undefined): boolean =>
  one?.holder === other?.holder &&
  one?.renewed === other?.renewed &&
  one?.transitions === other?.transitions &&
  one?.duration === other?.duration
