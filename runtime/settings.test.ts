import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSettings, Producer } from './settings.ts'

test('every variable that is missing or wrong has its line', () => {
  const environment = { PIPELINE: 'shop', KAFKA_BOOTSTRAP_SERVERS: 'kafka', RATE: '0', USERS: '1.5' }
  assert.throws(() => parseSettings(Producer, environment), {
    message: `settings are not valid:
  NAMESPACE is not set
  KAFKA_BOOTSTRAP_SERVERS is "kafka": must be host:port[,host:port…]
  RATE is "0": Too small: expected number to be >=1
  USERS is "1.5": must be a whole number`,
  })
})
