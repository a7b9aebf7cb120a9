import type { EventType } from '../event.ts'
import { choice, type Choice } from './choice.ts'
import type { Random } from './random.ts'
import { browsePage, cart, checkout, searchPage, type Category, type Page } from './site.ts'

/** Where a visitor stands in a session. */
export interface Visit {
  category: Category
  page: Page
  inCart: number
}

/** What a visitor does next. */
export interface Step {
  type: EventType
  page: Page
}

type Move = 'browse' | 'product' | 'click' | 'search' | 'add' | 'cart' | 'buy'

const fromBrowse = choice<Move>(['product', 44], ['click', 26], ['browse', 18], ['search', 12])
const fromProduct = choice<Move>(['click', 38], ['product', 26], ['add', 15], ['browse', 13], ['search', 8])
const fromSearch = choice<Move>(['product', 62], ['click', 26], ['search', 12])
const fromCart = choice<Move>(['product', 36], ['click', 26], ['cart', 16], ['buy', 14], ['add', 8])

const nextMove = (visit: Visit): Choice<Move> => {
  if (visit.inCart > 0 && visit.page.kind !== 'search') return fromCart
  if (visit.page.kind === 'product') return fromProduct
  return visit.page.kind === 'search' ? fromSearch : fromBrowse
}

const steps: Record<Move, (visit: Visit, random: Random) => Step> = {
  browse: (_, random) => ({ type: 'page_view', page: browsePage(random.fraction()) }),
  product: (visit, random) => ({ type: 'page_view', page: visit.category.product(random.fraction()) }),
  click: (visit) => ({ type: 'click', page: visit.page }),
  search: () => ({ type: 'search', page: searchPage }),
  add: (visit) => ({ type: 'add_to_cart', page: visit.page }),
  cart: () => ({ type: 'page_view', page: cart }),
  buy: () => ({ type: 'purchase', page: checkout }),
}

/** The next step of a visit, which it moves along. */
export const advance = (visit: Visit, random: Random): Step => {
  const step = steps[nextMove(visit)(random.fraction())](visit, random)
  visit.page = step.page
  if (step.type === 'add_to_cart') visit.inCart += 1
  if (step.type === 'purchase') visit.inCart = 0
  return step
}

/** The first step: a look at the page that the referrer led to. */
export const arrive = (category: Category, random: Random): Visit => ({
  category,
  page: random.fraction() < 0.6 ? browsePage(random.fraction()) : category.product(random.fraction()),
  inCart: 0,
})

/** Whether a visitor leaves after a step. */
export const leaves = (type: EventType, random: Random): boolean =>
  random.fraction() < (type === 'purchase' ? 0.5 : 0.04)

/** Least duration of each kind of event, and how far beyond it goes, in milliseconds. */
const durations: Record<EventType, readonly [least: number, spread: number]> = {
  page_view: [800, 24_000],
  click: [60, 1_900],
  add_to_cart: [250, 3_500],
  purchase: [2_500, 38_000],
  search: [400, 9_000],
}

/** Milliseconds an event took; short ones are more frequent than long ones. */
export const durationOf = (type: EventType, random: Random): number => {
  const [least, spread] = durations[type]
  const fraction = random.fraction()
  return least + Math.floor(spread * fraction * fraction)
}
