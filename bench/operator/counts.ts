/** What an API server counted: requests by resource and verb, as `kafkatopics APPLY` or `deployments/status PATCH`. */
export type Counts = Readonly<Record<string, number>>

const line = /^(\w+)(?:\{(.*)\})? (\S+)$/

interface Sample {
  labels: Readonly<Record<string, string>>
  value: number
}

/** The samples of one metric in a text of Prometheus. */
const samples = (text: string, wanted: string): Sample[] =>
  text.split('\n').flatMap((each) => {
    const [, name, labels = '', value] = line.exec(each) ?? []
    if (name !== wanted) return []
    const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', label = '']) => [key, label])
    return [{ labels: Object.fromEntries(pairs), value: Number(value) }]
  })

/** The sum of all samples of a metric. */
export const sumOf = (text: string, name: string): number =>
  samples(text, name).reduce((sum, { value }) => sum + value, 0)

/** What the metrics of an API server say of its requests. */
export const requestsIn = (text: string): Counts => {
  const counts: Record<string, number> = {}
  for (const { labels, value } of samples(text, 'apiserver_request_total')) {
    const { resource = '', subresource = '', verb = '' } = labels
    const what = `${resource}${subresource && `/${subresource}`} ${verb}`
    counts[what] = (counts[what] ?? 0) + value
  }
  return counts
}

/** What was asked for since. */
export const since = (before: Counts, after: Counts): Counts =>
  Object.fromEntries(
    Object.entries(after)
      .map(([what, count]) => [what, count - (before[what] ?? 0)] as const)
      .filter(([, count]) => count > 0),
  )

/** Writes that only the operator makes: of children, of its status, of its finalizer, of events. Its Lease is not among them. */
const operators =
  /^(kafkatopics|deployments|services|clickstreampipelines\/status) APPLY$|^events (POST|PATCH)$/

/** Whatever is written to what the operator writes, by whom and how ever. */
const anyones =
  /^(kafkatopics|deployments|services|clickstreampipelines|events)(\/\w+)? (APPLY|POST|PUT|PATCH|DELETE|DELETECOLLECTION)$/

/** The writes of anyone among what was asked for, as there shall be none while nobody changes anything. */
export const allWritesIn = (counts: Counts): Counts =>
  Object.fromEntries(Object.entries(counts).filter(([what]) => anyones.test(what)))

/** The writes of the operator among what was asked for. */
export const writesIn = (counts: Counts): Counts =>
  Object.fromEntries(Object.entries(counts).filter(([what]) => operators.test(what)))

/** All of it together. */
export const total = (counts: Counts): number => Object.values(counts).reduce((sum, count) => sum + count, 0)
