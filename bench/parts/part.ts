import type { Report } from '../report.ts'

/** How much a part does. */
export interface Scale {
  events: number
  rounds: number
}

/** One part of the benchmark, which can be run alone. */
export interface Part {
  /** How much it does when nothing is said. */
  usual: Scale
  run(scale: Scale): Promise<Report>
}
