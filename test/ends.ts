import { after } from 'node:test'

/** Milliseconds in which a test's process has nothing open any more, once its last test is over. */
const patience = 30_000

/**
 * Preloaded by suites that start servers and processes (`node --import`). A handle that a test leaves open would keep its
 * process, and whoever waits for it, for ever: it ends red instead, and says what is open.
 */
after(() => {
  const end = () => {
    process.stderr.write(`still open after the last test: ${process.getActiveResourcesInfo().join(', ')}\n`)
    process.exit(1)
  }
  setTimeout(end, patience).unref()
})
