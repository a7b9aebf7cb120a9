import * as z from 'zod'
import { isDurationCel, milliseconds } from './duration.ts'

/**
 * The vocabulary of the spec: each word is a zod schema that knows its type, bounds, default, description
 * and CEL rules. crd.ts turns the same schema into the CustomResourceDefinition.
 */

/** A rule that the API server evaluates as CEL and the parser as TypeScript; `message` says what to do. */
export interface Rule<T> {
  cel: string
  message: string
  holds: (value: T) => boolean
}

/** One entry of `x-kubernetes-validations`. */
export interface Validation {
  rule: string
  message: string
}

declare module 'zod' {
  interface GlobalMeta {
    'x-kubernetes-validations'?: Validation[]
    'x-kubernetes-int-or-string'?: boolean
    maxProperties?: number
    maxLength?: number
    minimum?: number
    pattern?: string
    'x-kubernetes-list-type'?: string
    'x-kubernetes-list-map-keys'?: string[]
  }
}

const validations = (schema: z.ZodType): Validation[] => schema.meta()?.['x-kubernetes-validations'] ?? []

/** The schema with a rule on it. */
export const withRule = <S extends z.ZodType>(schema: S, rule: Rule<z.output<S>>): S =>
  schema
    .refine((value) => rule.holds(value), { error: rule.message })
    .meta({
      ...schema.meta(),
      'x-kubernetes-validations': [...validations(schema), { rule: rule.cel, message: rule.message }],
    })

/** The schema with a rule over its old and its new value, which the API server checks at every update. */
export const withTransition = <S extends z.ZodType>(schema: S, rule: Validation): S =>
  schema.meta({ ...schema.meta(), 'x-kubernetes-validations': [...validations(schema), rule] })

/** A whole number from `min` to `max`. */
export const whole = (description: string, { min, max }: { min: number; max: number }) =>
  z.int().min(min).max(max).describe(description)

/** A text of at most `max` characters. */
export const text = (description: string, { min = 0, max }: { min?: number; max: number }) =>
  z.string().min(min).max(max).describe(description)

const hour = 3_600_000
const written = (ms: number): string => (ms % hour === 0 ? `${ms / hour}h` : `${ms / 1_000}s`)

/** A duration of whole seconds from `min` to `max` milliseconds, written as `90s`, `5m`, `1h30m`. */
export const duration = (description: string, { min, max }: { min: number; max: number }) =>
  withRule(
    withRule(z.string().max(24).describe(description), {
      cel: isDurationCel('self'),
      message: 'must be hours, minutes and whole seconds, such as 90s, 5m or 1h30m',
      holds: (value) => milliseconds(value) !== undefined,
    }),
    {
      // The conversion is guarded so that a text which is no duration gives one message, not two.
      cel: `!${isDurationCel('self')} || (duration(self) >= duration('${written(min)}') && duration(self) <= duration('${written(max)}'))`,
      message: `must be from ${written(min)} to ${written(max)}`,
      holds: (value) => {
        const ms = milliseconds(value)
        return ms === undefined || (ms >= min && ms <= max)
      },
    },
  )
