/** Digits before and after the point; what has more is taken for none. */
const digits = 32

const upTo = (whole: number, unit: string): string => `[0-9]{1,${whole}}(\\.[0-9]{1,${digits}})?${unit}`

/**
 * How a quantity is written, as CEL, JSON schema and JavaScript have it. Its digits keep it below 2⁶³, beyond which the API
 * server keeps another one than was asked for: it cuts 9999999999Gi, and of 10²¹ it keeps 1 (ParseQuantity and
 * CanonicalizeBytes in Kubernetes' apimachinery, pkg/api/resource/quantity.go).
 */
export const quantityPattern = `^(${[
  upTo(18, 'm?'),
  upTo(15, '(k|Ki)'),
  upTo(12, '(M|Mi)'),
  upTo(9, '(G|Gi)'),
  upTo(6, '(T|Ti)'),
].join('|')})$`
const parts = new RegExp(`^(\\d{1,${digits}})(?:\\.(\\d{1,${digits}}))?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$`)

/** Units in thousandths; the largest are only written by the API server, which makes 1P of 1000T. */
const units: Readonly<Record<string, bigint>> = {
  m: 1n,
  '': 1_000n,
  k: 1_000n ** 2n,
  M: 1_000n ** 3n,
  G: 1_000n ** 4n,
  T: 1_000n ** 5n,
  P: 1_000n ** 6n,
  E: 1_000n ** 7n,
  Ki: 1_000n * 1_024n,
  Mi: 1_000n * 1_024n ** 2n,
  Gi: 1_000n * 1_024n ** 3n,
  Ti: 1_000n * 1_024n ** 4n,
  Pi: 1_000n * 1_024n ** 5n,
  Ei: 1_000n * 1_024n ** 6n,
}

/** The amount of 1m. */
const thousandth = 10n ** BigInt(digits)

/** A quantity as a whole number that can be compared with others, exactly; undefined when it is none. */
const amountOf = (quantity: string | number): bigint | undefined => {
  const match = parts.exec(String(quantity))
  if (match === null) return undefined
  const [, whole = '', fraction = '', unit = ''] = match
  return BigInt(whole + fraction.padEnd(digits, '0')) * (units[unit] ?? 0n)
}

/** Whether one quantity is more than the other, such as 1.5Gi than 1500M; false when one is absent or none. */
export const exceeds = (one: string | number | undefined, other: string | number | undefined): boolean => {
  const [a, b] = [amountOf(one ?? ''), amountOf(other ?? '')]
  return a !== undefined && b !== undefined && a > b
}

/**
 * Whether the API server keeps a quantity as the other: it rounds up to a thousandth (SetDefaults_ResourceList in
 * Kubernetes' apis/core/v1/defaults.go) and chooses the unit, so 0.0625 is kept as 63m and 1024Mi as 1Gi.
 */
export const isKeptAs = (quantity: string, kept: string): boolean => {
  const [amount, is] = [amountOf(quantity), amountOf(kept)]
  return amount !== undefined && is === amount + ((thousandth - (amount % thousandth)) % thousandth)
}
