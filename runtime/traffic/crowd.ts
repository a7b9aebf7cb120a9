import { commonText, type CommonText } from './event-text.ts'
import { hex16, hex32 } from './hex.ts'
import { rank, visitor, type Visitor } from './population.ts'
import type { Random } from './random.ts'
import { referrer, shoppedCategory } from './site.ts'
import { advance, arrive, leaves, type Step, type Visit } from './visit.ts'

/** What a visitor does from coming to leaving. */
export interface Session {
  number: number
  who: Visitor
  id: string
  referrer: string
  visit: Visit
  /** The session has ended when its visitor comes back later than this. */
  until: number
  steps: number
  left: boolean
  /** What all its events have in common. */
  text: CommonText
}

const minute = 60_000
/** Seconds that a visitor looks at something before the next step. */
const thinkingSeconds = 8

const session = (number: number, { time, random }: { time: number; random: Random }): Session => {
  const word = random.word()
  const made = {
    number,
    who: visitor(number),
    id: `sess_${hex32(word)}${hex16(random.word())}`,
    referrer: referrer(random.fraction()),
    visit: arrive(shoppedCategory(random.fraction()), random),
    until: time + Math.floor((2 + 10 * random.fraction()) * minute),
    steps: 0,
    left: false,
  }
  return { ...made, text: commonText(made) }
}

/** The step a session makes now: the first one is always a look at the page it landed on. */
export const step = (current: Session, random: Random): Step => {
  const made: Step =
    current.steps === 0 ? { type: 'page_view', page: current.visit.page } : advance(current.visit, random)
  current.steps += 1
  current.left = leaves(made.type, random)
  return made
}

/**
 * Who is on the site. When the population is large for the rate, only as many visitors as make that rate are
 * there at once, and others take their places when they leave; else everybody is, some more active than others.
 */
export const crowd = ({ users, rate, random }: { users: number; rate: number; random: Random }) => {
  const wanted = Math.ceil(rate * thinkingSeconds)
  const everybody = wanted * 2 >= users
  const sessions: (Session | undefined)[] = Array.from({ length: everybody ? users : wanted })
  const present = new Set<number>()
  const newcomer = (): number => {
    let number = rank(random.fraction(), users)
    // At most half of the population is present, so a uniform draw succeeds soon.
    while (present.has(number)) number = Math.floor(random.fraction() * users)
    present.add(number)
    return number
  }
  return (time: number): Session => {
    const fraction = random.fraction()
    const place = everybody ? rank(fraction, users) : Math.floor(fraction * wanted)
    const there = sessions[place]
    if (there !== undefined && !there.left && time <= there.until) return there
    if (there !== undefined) present.delete(there.number)
    const next = session(everybody ? place : newcomer(), { time, random })
    sessions[place] = next
    return next
  }
}
