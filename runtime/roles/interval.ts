/** Whether an interval has passed, asked on every turn of a loop. The first question is answered yes. */
export const every = (milliseconds: number): ((now: number) => boolean) => {
  let next = -Infinity
  return (now) => {
    // A clock that was set back must not silence the interval.
    if (now < next && now >= next - milliseconds) return false
    next = now + milliseconds
    return true
  }
}
