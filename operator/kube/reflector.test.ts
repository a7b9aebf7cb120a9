import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeClock } from '../testing/clock.ts'
import { keptLogger } from '../testing/logger.ts'
import { drivenSource, service } from '../testing/source.ts'
import type { Page } from './events.ts'
import { StatusFault } from './fault.ts'
import { Reflector } from './reflector.ts'
import { Store } from './store.ts'

const fault = (code: number, retryAfter?: number) =>
  new StatusFault(`answer ${code}`, {
    code,
    reason: code === 403 ? 'Forbidden' : 'Unavailable',
    ...(retryAfter === undefined ? {} : { retryAfter }),
  })
const page = (version: string, ...names: string[]) => ({
  version,
  objects: names.map((name) => service(name, '1')),
})

const running = async (driven: ReturnType<typeof drivenSource>) => {
  const clock = fakeClock()
  const store = new Store()
  const { logger, lines } = keptLogger()
  const changes: string[] = []
  const reflector = new Reflector({
    source: driven.source,
    store,
    changed: ({ type, object }) => changes.push(`${type} ${object.metadata.name}`),
    clock,
    random: () => 0,
    logger,
    explain: (fault, verb) => `${verb}: ${fault.message}`,
  })
  await clock.settle()
  return { clock, store, lines, changes, reflector, ...driven }
}

test('it lists the newest state and watches from there, with bookmarks and a time', async () => {
  const { lists, watches, changes, reflector } = await running(drivenSource(page('7', 'x', 'y')))
  await reflector.synced
  assert.deepEqual(lists, [{ limit: '500' }])
  assert.deepEqual(changes, ['added x', 'added y'])
  assert.deepEqual(
    watches.map(({ query }) => query),
    [{ watch: 'true', allowWatchBookmarks: 'true', resourceVersion: '7', timeoutSeconds: '24' }],
  )
})

test('a list is read page by page', async () => {
  const { lists, changes } = await running(
    drivenSource(
      { ...page('7', 'x'), continue: 'abc' },
      { ...page('7', 'y'), continue: 'def' },
      page('7', 'z'),
    ),
  )
  assert.deepEqual(
    lists.map((query) => query['continue']),
    [undefined, 'abc', 'def'],
  )
  assert.deepEqual(changes, ['added x', 'added y', 'added z'])
})

test('a list whose token expires half-way is made again in one piece', async () => {
  const { lists, changes, latest } = await running(
    drivenSource({ ...page('7', 'x'), continue: 'abc' }, fault(410), page('9', 'x', 'y')),
  )
  assert.deepEqual(lists, [{ limit: '500' }, { limit: '500', continue: 'abc' }, {}])
  assert.deepEqual(changes, ['added x', 'added y'])
  assert.equal(latest().query['resourceVersion'], '9')
})

test('a broken watch goes on where it was and does not list again', async () => {
  const { clock, lists, watches, changes, latest } = await running(drivenSource(page('7', 'x')))
  latest().send({ type: 'MODIFIED', object: service('x', '8') })
  latest().send({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '12' } } })
  await clock.settle()
  latest().break(new Error('read ECONNRESET'))
  await clock.advance(799)
  assert.equal(watches.length, 1)
  await clock.advance(1)
  assert.equal(latest().query['resourceVersion'], '12')
  latest().send({ type: 'DELETED', object: service('x', '13') })
  await clock.settle()
  assert.deepEqual(changes, ['added x', 'changed x', 'deleted x'])
  assert.equal(lists.length, 1)
})

test('a watch that ends in its time is followed by the next at once', async () => {
  const { clock, watches, latest } = await running(drivenSource(page('7')))
  await clock.advance(24_000)
  latest().end()
  await clock.settle()
  assert.equal(watches.length, 2)
})

test('a server that closes each watch at once is not stormed', async () => {
  const { clock, watches, latest } = await running(drivenSource(page('7')))
  for (let i = 0; i < 20; i++) {
    latest().end()
    await clock.advance(5000)
  }
  assert.ok(watches.length < 12, `${watches.length} watches in 100 s`)
})

test('a watch that was open for a while ends the growth of the pauses', async () => {
  const { clock, watches, latest } = await running(drivenSource(page('7')))
  for (const wait of [800, 1600, 3200]) {
    latest().break(new Error('read ECONNRESET'))
    await clock.advance(wait)
  }
  assert.equal(watches.length, 4)
  await clock.advance(5_000)
  latest().break(new Error('read ECONNRESET'))
  await clock.advance(800)
  assert.equal(watches.length, 5)
})

test('a version that is gone leads to a new list, which tells the deletions missed', async () => {
  const { clock, changes, latest, lists } = await running(
    drivenSource(page('7', 'x', 'y'), page('20', 'y', 'z')),
  )
  latest().send({ type: 'ERROR', object: { kind: 'Status', code: 410, message: 'too old' } })
  await clock.advance(800)
  assert.equal(lists.length, 2)
  assert.deepEqual(changes, ['added x', 'added y', 'deleted x', 'added z'])
  assert.equal(latest().query['resourceVersion'], '20')
})

test('410 as the answer to the watch leads to a new list too', async () => {
  const driven = drivenSource(page('7'), page('20'))
  driven.refusals.push(fault(410))
  const { clock, lists } = await running(driven)
  await clock.advance(800)
  assert.equal(lists.length, 2)
})

test('429 waits as long as asked and goes on at the same version', async () => {
  const driven = drivenSource(page('7'))
  driven.refusals.push(fault(429, 5000))
  const { clock, lists, watches } = await running(driven)
  await clock.advance(4999)
  assert.equal(watches.length, 1)
  await clock.advance(1)
  assert.equal(watches.length, 2)
  assert.equal(lists.length, 1)
})

test('a list that fails is made again, with growing pauses, until it succeeds', async () => {
  const { clock, lists, reflector } = await running(
    drivenSource(fault(500), fault(500), new Error('read ECONNRESET'), page('7')),
  )
  await clock.advance(800 + 1600 + 3199)
  assert.deepEqual([lists.length, reflector.hasSynced], [3, false])
  await clock.advance(1)
  assert.deepEqual([lists.length, reflector.hasSynced], [4, true])
})

test('a problem is logged once, told while it lasts, and its end is logged', async () => {
  const { clock, lines, reflector } = await running(drivenSource(fault(403), fault(403), page('7')))
  await clock.advance(800)
  assert.equal(reflector.problem, 'list: answer 403')
  await clock.advance(1600)
  assert.equal(reflector.problem, undefined)
  assert.deepEqual(
    lines.filter(({ level }) => level >= 30).map(({ msg }) => msg),
    ['list: answer 403', 'watching again'],
  )
})

test('a line that is no event leads to a new list', async () => {
  const { clock, latest, lists } = await running(drivenSource(page('7'), page('9')))
  latest().send('no event')
  await clock.advance(800)
  assert.equal(lists.length, 2)
})

test('a watch that the server forgets to end is ended by us, the next one begun within a minute', async () => {
  const { clock, watches, reflector } = await running(drivenSource(page('7')))
  await clock.advance(31_999)
  assert.equal(watches[0]?.signal.aborted, false)
  await clock.advance(1)
  assert.equal(watches[0]?.signal.aborted, true)
  assert.match(reflector.problem ?? '', /did not answer: the watch did not end in its time/)
  await clock.advance(800)
  assert.equal(watches.length, 2)
})

test('a stop ends watch and timers, during a list, a watch and a pause alike', async () => {
  const watching = await running(drivenSource(page('7')))
  await watching.reflector.stop()
  assert.equal(watching.latest().signal.aborted, true)
  assert.deepEqual(watching.clock.pending, [])
  const pausing = await running(drivenSource(fault(500)))
  await pausing.reflector.stop()
  assert.deepEqual(pausing.clock.pending, [])
  assert.equal(pausing.lists.length, 1)
  const driven = drivenSource(page('7'))
  let answer = () => {}
  const list = driven.source.list
  driven.source.list = (query, signal) =>
    new Promise((resolve) => (answer = () => resolve(list(query, signal))))
  const listing = await running(driven)
  const stopped = listing.reflector.stop()
  answer()
  await stopped
  assert.deepEqual([listing.watches.length, listing.clock.pending], [0, []])
})

test('it is healthy as long as its loop steps, whatever the API server does', async () => {
  const { clock, reflector } = await running(drivenSource(fault(500)))
  await clock.advance(3_600_000)
  assert.equal(reflector.healthy(clock.now()), true)
  assert.equal(reflector.healthy(clock.now() + 800_000), false)
})

test('it is healthy while a list of many slow pages is under way', async () => {
  const driven = drivenSource(page('7'))
  const pages: ((page: Page) => void)[] = []
  driven.source.list = () => new Promise((resolve) => pages.push(resolve))
  const { clock, reflector } = await running(driven)
  for (let i = 0; i < 20; i++) {
    await clock.advance(25_000)
    pages[i]?.({ ...page('7', `x${i}`), continue: 'more' })
  }
  await clock.settle()
  assert.deepEqual([pages.length, reflector.healthy(clock.now())], [21, true])
})
