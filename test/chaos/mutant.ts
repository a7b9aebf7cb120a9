import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const repository = join(import.meta.dirname, '..', '..')

/** A change of the engine's source that takes a promise away. */
export interface Mutation {
  name: string
  /** Within `runtime/`. Each text must stand in the file exactly once. */
  changes: readonly { file: string; text: string; by: string }[]
}

/** The files that a mutation changes, with the change in them. Throws when the source does not have the texts any more. */
export const mutated = ({ name, changes }: Mutation): { file: string; source: string }[] =>
  changes.map(({ file, text, by }) => {
    const parts = readFileSync(join(repository, 'runtime', file), 'utf8').split(text)
    if (parts.length !== 2) throw new Error(`mutant "${name}": ${file} must have once: ${text}`)
    return { file, source: parts.join(by) }
  })

/** A copy of the runtime with the mutation in it. */
export const mutant = (mutation: Mutation): { code: string; remove: () => void } => {
  const code = mkdtempSync(join(tmpdir(), 'mutant-'))
  cpSync(join(repository, 'runtime'), join(code, 'runtime'), { recursive: true })
  cpSync(join(repository, 'package.json'), join(code, 'package.json'))
  symlinkSync(join(repository, 'node_modules'), join(code, 'node_modules'))
  for (const { file, source } of mutated(mutation)) writeFileSync(join(code, 'runtime', file), source)
  return { code, remove: () => rmSync(code, { recursive: true }) }
}

/** Every process has leases of its own: nobody ends the transactions of a predecessor, or hears of a successor. */
export const withoutFence: Mutation = {
  name: 'the fence removed',
  changes: [
    { file: 'roles/task-loop.ts', text: '.task.${partition}`', by: '.task.${partition}.${process.pid}`' },
    { file: 'roles/merge-loop.ts', text: '.merge`, attempt', by: '.merge.${process.pid}`, attempt' },
  ],
}

/** Positions in a transaction of their own, and then the records in another. */
export const commitBeforeProduce: Mutation = {
  name: 'the commit before the produce',
  changes: [
    {
      file: 'kafka/lease.ts',
      text: '    if (appends.length + positions.length === 0) return\n',
      by: `    if (appends.length > 0 && positions.length > 0) {
      await this.#commit({ appends: [], group, positions })
      return this.#commit({ appends, group, positions: [] })
    }
    if (appends.length + positions.length === 0) return
`,
    },
  ],
}

export const shiftedBoundary: Mutation = {
  name: 'one boundary shifted by 1 ms',
  changes: [
    { file: 'stream/pane.ts', text: 'alignDown(time, paneSize)', by: 'alignDown(time + 1, paneSize)' },
    // Rows of one pane are counted together, as long as they lie in it.
    { file: 'stream/task.ts', text: 'start + paneSize - 1', by: 'start + paneSize - 2' },
  ],
}

/** Records of transactions that were rolled back are read like others. */
export const countsRolledBack: Mutation = {
  name: 'what was rolled back counted',
  changes: [
    { file: 'kafka/batch-decode.ts', text: 'isAborted(batch) || batch.control', by: 'batch.control' },
  ],
}

/** Panes close by the newest event alone. */
export const withoutGrace: Mutation = {
  name: 'the grace taken away',
  changes: [{ file: 'stream/watermark.ts', text: 'this.#newest - this.#grace', by: 'this.#newest' }],
}

/** Events behind an open transaction of another are none. */
export const silentWhileOpen: Mutation = {
  name: 'an open transaction taken for silence',
  changes: [{ file: 'stream/task.ts', text: 'this.#next < high', by: 'this.#next < end' }],
}

export const droppedEvent: Mutation = {
  name: 'one event dropped',
  changes: [
    {
      file: 'stream/task.ts',
      text: 'count: end - row, holes',
      by: 'count: end - row - (this.#options.partition === 0 && first <= 1_000 && first + end - row > 1_000 ? 1 : 0), holes',
    },
  ],
}

export const mutations = [
  withoutFence,
  commitBeforeProduce,
  shiftedBoundary,
  withoutGrace,
  countsRolledBack,
  silentWhileOpen,
  droppedEvent,
]
