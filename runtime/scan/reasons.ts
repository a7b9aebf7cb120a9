/** Why an event cannot be counted: the header `reason` of a dead letter, each with what it says. */
export const reasons = {
  Tombstone: 'the record has no value',
  NotUtf8: 'the value, or a text in it, is not valid Unicode',
  NotJson: 'the value is not one JSON text',
  NotAnObject: 'the JSON value is not an object',
  MissingField: 'a field is missing',
  WrongType: 'a field has the wrong type',
  OutOfRange: 'a number or an instant lies outside its bounds',
  Empty: 'a text that identifies something is empty',
  TooLong: 'a text is longer than its bound',
  BadTimestamp: 'timestamp is not an ISO 8601 instant in UTC',
  UnknownEventType: 'event_type is none of the known ones',
  TooFarInFuture: 'the event lies too far in the future',
  Late: 'the window of the event was closed before it came',
} as const

export type Reason = keyof typeof reasons
