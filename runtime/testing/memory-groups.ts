import type { Membership } from '../roles/log.ts'

interface Member {
  group: string
  topic: string
  assigned: (partitions: number[]) => void
  /** What it was told last. */
  told: string | undefined
}

/** Groups in memory: partitions go round the members in the order in which they joined. */
export class MemoryGroups {
  readonly #count: (topic: string) => number
  #members: Member[] = []

  constructor(count: (topic: string) => number) {
    this.#count = count
  }

  join(options: Omit<Member, 'told'>): Membership {
    const member: Member = { ...options, told: undefined }
    this.#members.push(member)
    this.spread(options.topic)
    return {
      leave: async () => {
        await Promise.resolve()
        this.#members = this.#members.filter((other) => other !== member)
        this.spread(options.topic)
      },
    }
  }

  /** Spreads a topic's partitions again, and tells each member whose set is new, a moment later. */
  spread(topic: string): void {
    const groups = Map.groupBy(
      this.#members.filter((member) => member.topic === topic),
      ({ group }) => group,
    )
    const partitions = Array.from({ length: this.#count(topic) }, (_, partition) => partition)
    for (const members of groups.values())
      for (const [index, member] of members.entries()) {
        const set = partitions.filter((partition) => partition % members.length === index)
        if (member.told === JSON.stringify(set)) continue
        member.told = JSON.stringify(set)
        queueMicrotask(() => member.assigned(set))
      }
  }
}
