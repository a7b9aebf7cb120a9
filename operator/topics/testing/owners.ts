import type { KafkaTopic } from '../../api/kubernetes.ts'

/** Whose the topics in Kafka are: of the objects, by name, that made them or were allowed to take them over. */
export class Owners {
  readonly #of = new Map<string, Set<string>>()

  add(topic: string, object: string): void {
    this.#of.set(topic, (this.#of.get(topic) ?? new Set()).add(object))
  }

  has(topic: string, object: string): boolean {
    return this.#of.get(topic)?.has(object) ?? false
  }

  /** Somebody made a topic of this name by hand: it is nobody's. */
  lose(topic: string): void {
    this.#of.delete(topic)
  }

  /** What an object had that is gone is nobody's. */
  keep(objects: readonly KafkaTopic[]): void {
    const names = objects.map(({ metadata }) => metadata.name)
    for (const owners of this.#of.values())
      for (const name of owners) if (!names.includes(name)) owners.delete(name)
  }
}
