import { setImmediate as turn } from 'node:timers/promises'

/** Waits for a condition, looking again on each turn of the event loop. Fails after ten seconds. */
export const eventually = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  const deadline = Date.now() + 10_000
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ten seconds: ${condition.toString()}`)
    await turn()
  }
}
