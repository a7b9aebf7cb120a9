import { type Schema, structural } from './crd.ts'
import { Spec } from './spec.ts'
import { conditionMeanings, eventReasons, reasons, Status } from './status.ts'

/** docs/reference.md: every field of the custom resource, from the schema. */
export const renderReference = (): string =>
  [
    '# Reference of ClickstreamPipeline',
    '',
    'Made from `operator/api/spec.ts` and `status.ts` by `make generate`. The same text is in the cluster:',
    '`kubectl explain clickstreampipeline.spec --recursive`.',
    '',
    '## spec',
    '',
    ...table('spec', structural(Spec)),
    '',
    ...rules(structural(Spec)),
    '## status',
    '',
    ...table('status', structural(Status)),
    '',
  ].join('\n')

const table = (path: string, schema: Schema): string[] => [
  '| field | type | bounds | meaning |',
  '|---|---|---|---|',
  ...rows(path, schema),
]

const rows = (path: string, schema: Schema): string[] =>
  Object.entries(schema.properties ?? schema.items?.properties ?? {}).flatMap(([name, child]) => {
    const place = schema.items === undefined ? `${path}.${name}` : `${path}[].${name}`
    return [row(place, child, schema.required?.includes(name) === true), ...rows(place, child)]
  })

const row = (place: string, schema: Schema, required: boolean): string => {
  const type = required ? `${typeOf(schema)}, required` : typeOf(schema)
  const cells = [`\`${place}\``, type, bounds(schema), schema.description ?? '']
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('<', '&lt;')).join(' | ')} |`
}

const typeOf = (schema: Schema): string => {
  if (schema['x-kubernetes-int-or-string'] === true) return 'quantity'
  if (Array.isArray(schema['enum'])) return schema['enum'].join(' \\| ').replaceAll('\\|', 'or')
  if (schema.additionalProperties !== undefined) return 'map of string'
  return schema.type === 'array' ? 'list' : (schema.type ?? '')
}

/** Bounds of numbers from the schema; those of texts and durations from the sentences of their rules. */
const bounds = (schema: Schema): string => {
  const { minimum: min, maximum: max } = schema
  const limits = [typeof min === 'number' ? `≥ ${min}` : '', typeof max === 'number' ? `≤ ${max}` : '']
  return [...limits.filter(Boolean), ...sentences(schema)].join('; ')
}

const sentences = (schema: Schema): string[] => {
  const validations = schema['x-kubernetes-validations']
  if (!Array.isArray(validations)) return []
  return validations.map((validation: { message: string }) => validation.message)
}

const rules = (schema: Schema): string[] => {
  const found = sentences(schema)
  return found.length === 0
    ? []
    : ['Over several fields:', '', ...found.map((sentence) => `- ${sentence}.`), '']
}

const sections = (meanings: Record<string, string>): string[] =>
  Object.entries(meanings).flatMap(([reason, meaning]) => [`### ${reason}`, '', meaning, ''])

/** docs/conditions.md: what each condition and each reason means, and what to do. */
export const renderConditions = (): string =>
  [
    '# Conditions',
    '',
    'Made from `operator/api/status.ts` by `make generate`. To see them:',
    '`kubectl get csp NAME -o jsonpath=\'{range .status.conditions[*]}{.type}={.status} {.reason}: {.message}{"\\n"}{end}\'`',
    '',
    '| condition | what True says |',
    '|---|---|',
    ...Object.entries(conditionMeanings).map(([type, meaning]) => `| ${type} | ${meaning} |`),
    '',
    '## Reasons',
    '',
    ...sections(reasons),
    '## Events',
    '',
    '`kubectl describe csp NAME` shows them, one for each change: TopicsReady, Ready, Suspended and Flowing when they become',
    'True; the reason of Stalled, and of Flowing when it becomes False; each step of the countdown of DataExpiring; and these:',
    '',
    ...sections(eventReasons),
  ].join('\n')
