/**
 * Does the work for all items, so many at a time. All are tried, whatever fails; then it rejects with the only failure, or
 * with an AggregateError whose message has them all.
 */
export const inParallel = async <T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> => {
  const left = [...items]
  const failures: unknown[] = []
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift())
      await work(item).catch((error: unknown) => failures.push(error))
  }
  await Promise.all(Array.from({ length: width }, worker))
  if (failures.length === 1) throw failures[0]
  if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('\n'))
}
