const history = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'status',
  'clickstream.dev/applied',
  'clickstream.dev/resume-replicas',
]
const generated = ['WINDOW_GENERATION', 'PIPELINE_CREATED_MS']

/**
 * What of a child the spec decides. Its history is left out: versions, when the pipeline was made and its window last
 * changed, the number of pods where an autoscaler sets it, and the names of `without`.
 */
export const essence = (
  object: object | undefined,
  { isScaled = false, without = [] }: { isScaled?: boolean; without?: readonly string[] },
): unknown =>
  JSON.parse(
    JSON.stringify(object, (name, value: unknown) => {
      const variable = (value as { name?: string } | null)?.name
      if ([...history, ...without].includes(name)) return undefined
      if (variable !== undefined && generated.includes(variable)) return undefined
      return isScaled && name === 'replicas' ? undefined : value
    }) ?? 'null',
  )
