/** Milliseconds as people read them: 0.4s, 12s, 4m40s. */
export function elapsed(milliseconds: number): string {
  if (milliseconds < 9950) return `${(milliseconds / 1000).toFixed(1)}s`
  const whole = Math.round(milliseconds / 1000)
  if (whole < 60) return `${whole}s`
  return `${Math.floor(whole / 60)}m${String(whole % 60).padStart(2, '0')}s`
}

const out = process.stderr
const running = new Map<string, number>()
let ticker: NodeJS.Timeout | undefined

/** Seconds between two signs of life of what runs: a line redrawn on a terminal, a line more in a log. */
const PACE = out.isTTY ? 1 : 15

/** Does a piece of work and prints one line with its time when it is done; a long one shows that it moves. */
export async function step<T>(title: string, work: () => Promise<T>): Promise<T> {
  const start = Date.now()
  running.set(title, start)
  ticker ??= setInterval(tick, PACE * 1000).unref()
  if (out.isTTY) tick()
  try {
    const result = await work()
    say(`  ✓ ${title.padEnd(44)} ${elapsed(Date.now() - start).padStart(6)}`)
    return result
  } catch (error) {
    say(`  ✗ ${title.padEnd(44)} ${elapsed(Date.now() - start).padStart(6)}`)
    throw error
  } finally {
    running.delete(title)
    if (running.size === 0) {
      clearInterval(ticker)
      ticker = undefined
    }
  }
}

/** Prints a line above the moving one. */
export function say(line: string): void {
  out.write(out.isTTY ? `\r\u001B[K${line}\n` : `${line}\n`)
}

function tick(): void {
  const now = Date.now()
  const shown = [...running].map(
    ([title, start]) => `${title} ${elapsed(Math.floor((now - start) / 1000) * 1000)}`,
  )
  const line = `  … ${shown.join(', ')}`
  out.write(out.isTTY ? `\r\u001B[K${line.slice(0, out.columns - 1)}` : `${line}\n`)
}
