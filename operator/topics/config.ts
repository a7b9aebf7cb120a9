/** What a topic's config must become. */
export interface ConfigChanges {
  set: Record<string, string>
  unset: string[]
}

/** A spec.config as Kafka's strings; a value that cannot be one is in `faults`, by key, with the reason. */
export interface ParsedConfig {
  values: Record<string, string>
  faults: Record<string, string>
}

/** Parses spec.config, whose values the CRD leaves open. null means: not set here. */
export function parseConfig(config: Record<string, unknown> = {}): ParsedConfig {
  const parsed: ParsedConfig = { values: {}, faults: {} }
  for (const [key, value] of Object.entries(config)) {
    if (value === null) continue
    const text = configText(value)
    if (text !== undefined) parsed.values[key] = text
    else parsed.faults[key] = `Invalid value for topic config '${key}': ${fault(value)}`
  }
  return parsed
}

function configText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return numberText(value)
  return Array.isArray(value) ? listText(value) : undefined
}

/**
 * JSON carries a 64-bit integer exactly, but its parser here has 53 bits. Kafka's "for ever", 2⁶³ − 1, reads as 2⁶³,
 * which no topic config can be, so it is told again; any other integer that lost digits is not guessed at.
 */
function numberText(value: number): string | undefined {
  if (value === 2 ** 63) return '9223372036854775807'
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? undefined : String(value)
}

function listText(values: readonly unknown[]): string | undefined {
  const texts = values.map(configText)
  return texts.includes(undefined) ? undefined : texts.join(',')
}

const fault = (value: unknown): string =>
  typeof value === 'number'
    ? 'a number of this size loses digits on its way; write it in quotes'
    : JSON.stringify(value)

/**
 * What makes the topic's own settings equal to the wanted ones, or undefined when they are. A setting of the topic that
 * the spec does not have is removed, but a key with a fault is left as it is.
 */
export function configChanges(
  { values, faults }: ParsedConfig,
  current: Record<string, string>,
): ConfigChanges | undefined {
  const set = Object.entries(values).filter(([key, value]) => !isSameValue(value, current[key]))
  const unset = Object.keys(current).filter((key) => !(key in values) && !(key in faults))
  if (set.length === 0 && unset.length === 0) return undefined
  return { set: Object.fromEntries(set), unset: unset.sort() }
}

const INTEGER = /^[+-]?\d+$/
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/**
 * Whether a broker, which gives back what it parsed and not what it was sent, can mean the same: `compact, delete` comes
 * back as `compact,delete`, `TRUE` as `true`, `0.50` as `0.5`, `007` as `7`.
 */
export function isSameValue(wanted: string, current: string | undefined): boolean {
  if (current === undefined) return false
  const [a, b] = [plain(wanted), plain(current)]
  if (a === b) return true
  if (INTEGER.test(a) && INTEGER.test(b)) return BigInt(unsigned(a)) === BigInt(unsigned(b))
  return DECIMAL.test(a) && DECIMAL.test(b) && Number(a) === Number(b)
}

function plain(value: string): string {
  const list = value
    .split(',')
    .map((item) => item.trim())
    .join(',')
  return /^(true|false)$/i.test(list) ? list.toLowerCase() : list
}

const unsigned = (integer: string): string => integer.replace(/^\+/, '')
