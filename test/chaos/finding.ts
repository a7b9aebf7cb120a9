/** What is wrong with a history. */
export interface Finding {
  fault: Fault
  text: string
}

type Fault =
  | 'event lost before the engine'
  | 'event doubled before the engine'
  | 'event that nobody wrote'
  | 'dead letter doubled'
  | 'dead letter without cause'
  | 'invalid event without dead letter'
  | 'window published twice'
  | 'window missing'
  | 'window out of place'
  | 'wrong total'
  | 'event outside of all windows'
  | 'not conserved'
  | 'position not at the end'
  | 'hanging transaction'
  | 'alarm'

export const finding = (fault: Fault, text: string): Finding => ({ fault, text })

export interface Place {
  partition: number
  offset: number
}

/** One number for partition and offset: a million of them are compared in each verdict. */
export const placeOf = ({ partition, offset }: Place): number => partition * 2 ** 40 + offset

export const at = ({ partition, offset }: Place): string => `${partition}/${offset}`
