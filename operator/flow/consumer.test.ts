import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { aSummary } from '../testing/summary.ts'
import { readSummary, summaryUrl } from './consumer.ts'

const served = async (t: TestContext, listener: RequestListener): Promise<string> => {
  const server = createServer(listener)
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/summary`
}

test("the Service of a pipeline's consumer is asked", () => {
  assert.equal(
    summaryUrl({ namespace: 'kafka', name: 'shop' }),
    'http://shop-consumer.kafka.svc:8080/api/summary',
  )
})

test('a summary is read, and what a newer consumer adds is left out', async (t) => {
  const url = await served(t, (_, response) => response.end(JSON.stringify({ ...aSummary(), more: 1 })))
  assert.deepEqual(await readSummary(url), aSummary())
})

test('what is no summary, an error, a redirect or too long is refused', async (t) => {
  const answers: [RequestListener, RegExp][] = [
    [(_, response) => response.end('{"pipeline":"clickstream"}'), /lastWindow/],
    [(_, response) => response.end('<html>'), /JSON/],
    [(_, response) => response.end(JSON.stringify(aSummary({ lag: -1 }))), /lag/],
    [(_, response) => response.writeHead(503).end('not yet'), /HTTP 503/],
    [(_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(), /HTTP 302/],
    [(_, response) => response.end(' '.repeat(100_000)), /more than 16384 bytes/],
  ]
  for (const [listener, why] of answers) await assert.rejects(readSummary(await served(t, listener)), why)
})

test('an answer that does not come or does not end is given up', async (t) => {
  const silent = await served(t, () => undefined)
  await assert.rejects(readSummary(silent, 50), /no answer within 50 ms/)
  const endless = await served(t, (_, response) => void response.write('{'))
  await assert.rejects(readSummary(endless, 50), /no answer within 50 ms/)
})
