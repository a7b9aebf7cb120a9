import * as z from 'zod'

const count = (description: string) => z.int().min(0).describe(description)

const lastWindow = z
  .object({
    start: z.string().max(32).describe('Start of the window in event time, which belongs to it.'),
    end: z.string().max(32).describe('End of the window in event time, which does not.'),
    totalEvents: count('Events in the window.'),
    uniqueUsers: count('Users in the window.'),
  })
  .describe('The newest window.')

/** The member `flow` of the status. */
export const flow = z
  .object({
    lastWindow: lastWindow.optional(),
    eventsPerSecond: z
      .number()
      .min(0)
      .describe('Events of the newest window over its length in seconds.')
      .optional(),
    lag: count('Events that are not counted yet.').optional(),
    freshnessSeconds: count('Age of the newest window when this was observed, from its end.').optional(),
    lateEvents: count('Events that came too late to be counted, since the topic was first read.').optional(),
    invalidEvents: count('Records that are no events, since the topic was first read.').optional(),
    observedAt: z.string().max(32).describe('When the consumer said so.').optional(),
  })
  .describe(
    "The data's own health, as the consumer tells it. What is not known is absent. It is written when a window came " +
      'out or something else has really changed, at most every 15 seconds.',
  )
