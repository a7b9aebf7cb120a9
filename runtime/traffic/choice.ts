/** Chooses a value by a fraction in [0, 1), each as often as its weight says. */
export type Choice<T> = (fraction: number) => T

/** A choice among `[value, weight]` pairs, of which there is at least one. A table of 256 steps: one read per choice. */
export const choice = <T>(
  first: readonly [T, number],
  ...rest: readonly (readonly [T, number])[]
): Choice<T> => {
  const options = [first, ...rest]
  const sum = options.reduce((total, [, weight]) => total + weight, 0)
  const table: T[] = []
  let until = 0
  for (const [value, weight] of options) {
    until += weight
    while (table.length < Math.round((until / sum) * 256)) table.push(value)
  }
  return (fraction) => table[(fraction * 256) | 0] ?? first[0]
}
