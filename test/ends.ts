import { after } from 'node:test'

/** Milliseconds in which a test's process has nothing open any more, once its last test is over. */
const patience = 30_000

/**
 * Preloaded by suites that start servers and processes (`node --import`). A handle that a test leaves open would keep its
 * process, and whoever waits for it, for ever: it ends red instead, and says what is open.
 *
 * Node takes apart what it has at its end, and waits for the requests of sockets then: for one of an HTTP/2 session whose
 * connection was reset at the wrong moment it waits for ever, though its loop has nothing to do any more (seen in 24.21). So
 * the process leaves before that, as `process.exit` does, and as the last of all who are told of the end.
 */
after(() => {
  const end = () => {
    process.stderr.write(`still open after the last test: ${process.getActiveResourcesInfo().join(', ')}\n`)
    process.exit(1)
  }
  setTimeout(end, patience).unref()
  process.on('exit', () => process.exit())
})
