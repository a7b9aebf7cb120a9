/** How a quantity is written, as CEL, JSON schema and JavaScript have it. */
export const quantityPattern = '^[0-9]+(\\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$'

/** Digits before and after the point; what has more is taken for none. */
const digits = 32
const parts = new RegExp(`^(\\d{1,${digits}})(?:\\.(\\d{1,${digits}}))?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$`)

/** Units in thousandths. */
const units: Readonly<Record<string, bigint>> = {
  m: 1n,
  '': 1_000n,
  k: 1_000n ** 2n,
  M: 1_000n ** 3n,
  G: 1_000n ** 4n,
  T: 1_000n ** 5n,
  Ki: 1_000n * 1_024n,
  Mi: 1_000n * 1_024n ** 2n,
  Gi: 1_000n * 1_024n ** 3n,
  Ti: 1_000n * 1_024n ** 4n,
}

/** A quantity as a whole number that can be compared with others, exactly; undefined when it is none. */
export const amountOf = (quantity: string | number): bigint | undefined => {
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
