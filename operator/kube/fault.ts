import { ClusterFault, type ClusterFaultReason } from '../reconcile/cluster.ts'

/** A ClusterFault with what only this folder cares for. */
export class StatusFault extends ClusterFault {
  /** HTTP status, 0 when no answer came. */
  readonly code: number
  constructor(
    message: string,
    options: { code: number; reason: ClusterFaultReason; retryAfter?: number; cause?: unknown },
  ) {
    super(message, { ...options, retry: retriable.has(options.reason) })
    this.code = options.code
  }
}

/** The fault of a request that was kept from leaving: what it asked for is not done. */
export class UnsentFault extends StatusFault {}

/**
 * Forbidden is one of them: rights and quotas change without an event that would wake us.
 * A terminating namespace is not: what is refused in it is never wanted again.
 */
const retriable: ReadonlySet<ClusterFaultReason> = new Set([
  'Conflict',
  'Forbidden',
  'TooManyRequests',
  'Unavailable',
])

/** metav1.Status, as far as we read it. */
interface Status {
  message?: string
  reason?: string
  code?: number
  details?: { causes?: { reason?: string; field?: string }[]; retryAfterSeconds?: number }
}

/** Milliseconds: what asks for more, as a proxy before the API server may, would make us deaf to what it concerns. */
const longestWait = 60_000

export interface Refusal {
  /** Verb and path, to say what was refused. */
  request: string
  code: number
  body: string
  /** The header, in seconds. */
  retryAfter?: string | undefined
}

/** The fault that an answer of 400 and above stands for; the API server's own sentence is kept word for word. */
export const refused = ({ request, code, body, retryAfter }: Refusal): StatusFault => {
  const status = parseStatus(body)
  const seconds = Number(retryAfter ?? status.details?.retryAfterSeconds ?? NaN)
  const sentence = status.message ?? (body.slice(0, 300).trim() || 'no explanation')
  return new StatusFault(`${request}: ${code}: ${sentence}`, {
    code,
    reason: reasonOf(code, status),
    ...(seconds >= 0 ? { retryAfter: Math.min(seconds * 1_000, longestWait) } : {}),
  })
}

/** The fault of a request that got no answer, or half of one. */
export const unreachable = (request: string, cause: unknown): StatusFault => {
  if (cause instanceof StatusFault) return cause
  const why = cause instanceof Error ? cause.message : String(cause)
  return new StatusFault(`${request}: the API server did not answer: ${why}`, {
    code: 0,
    reason: 'Unavailable',
    cause,
  })
}

/** Which of our reasons an answer is. 401 is Unavailable: the token is read again within a minute. */
function reasonOf(code: number, status: Status): ClusterFaultReason {
  const causes = status.details?.causes ?? []
  if (code === 403 && causes.some(({ reason }) => reason === 'NamespaceTerminating')) {
    return 'NamespaceTerminating'
  }
  // The uid of an object that is gone is a Conflict (409) when nothing has its name, but Invalid when a namesake has.
  if (code === 422 && causes.some(({ field }) => field === 'metadata.uid')) return 'Conflict'
  return byCode[code] ?? (code >= 500 ? 'Unavailable' : 'Refused')
}

const byCode: Readonly<Record<number, ClusterFaultReason>> = {
  400: 'Invalid',
  401: 'Unavailable',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  415: 'Invalid',
  422: 'Invalid',
  429: 'TooManyRequests',
}

function parseStatus(body: string): Status {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {} // a proxy's page, or a plain sentence
  }
}
