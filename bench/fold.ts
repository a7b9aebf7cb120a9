import { corpus } from './corpus.ts'
import { foldCost } from './fold-cost.ts'

/**
 * What one event costs a task, without Kafka: `make bench-fold`. The three readings are measured in turns, as the
 * machine may be slower at one time than at another: compare what stands in one table.
 */

const perSecond = (nanoseconds: number): string => `${Math.round(1e6 / nanoseconds)} k`

const main = (): void => {
  const turns = Number(process.argv[2] ?? 7)
  const events = corpus(200_000)
  const size = Math.round(events.bytes.length / events.count)
  console.log(
    `${events.count} events of ${size} bytes, 2 % out of order; medians of ${turns} turns; Node ${process.version}`,
  )
  const cells = [['', 'read ns', 'read + fold ns', 'per CPU-second', 'ratio']]
  const rows = foldCost(events, turns)
  for (const { name, alone, folded } of rows)
    cells.push([
      name,
      alone.toFixed(0),
      folded.toFixed(0),
      perSecond(folded),
      ((rows[0]?.folded ?? NaN) / folded).toFixed(2),
    ])
  for (const row of cells)
    console.log(row.map((cell, column) => (column === 0 ? cell.padEnd(12) : cell.padStart(16))).join(''))
}

main()
