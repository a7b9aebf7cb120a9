/** A member of a group, and the partitions that it had when it joined. */
export interface Member {
  id: string
  owned: readonly number[]
}

/**
 * Spreads partitions `0 … count-1` evenly over the members. Each keeps what it has, up to its share: a member that
 * comes or goes moves no more than it must. Partitions by member id, in order.
 */
export function assign(members: readonly Member[], count: number): Map<string, number[]> {
  const free = new Set(Array.from({ length: count }, (_, partition) => partition))
  // Those who have most come first, as the larger shares go to the first.
  const sorted = [...members].sort((a, b) => b.owned.length - a.owned.length || (a.id < b.id ? -1 : 1))
  const share = (index: number) =>
    Math.floor(count / members.length) + (index < count % members.length ? 1 : 0)
  const kept = sorted.map(({ owned }, index) => take(free, owned, share(index)))
  return new Map(
    sorted.map(({ id }, index) => {
      const own = kept[index] ?? []
      const more = take(free, [...free], share(index) - own.length)
      return [id, [...own, ...more].sort((a, b) => a - b)]
    }),
  )
}

/** Takes up to `most` of the wanted that are free. */
function take(free: Set<number>, wanted: readonly number[], most: number): number[] {
  const taken: number[] = []
  for (const partition of wanted) {
    if (taken.length < most && free.delete(partition)) taken.push(partition)
  }
  return taken
}
