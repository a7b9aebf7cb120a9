import { LogFault, type LogFaultReason } from '../roles/log.ts'

/** A protocol error: its name, what it means for a caller, whether trying again can help, and a sentence. */
type Row = readonly [name: string, reason: LogFaultReason, retry: boolean, sentence: string]

const denied = 'the broker denies this client the operation: grant it by an ACL'
const moved = 'the leader of the partition has moved: its new one is looked up'
const coordinator = 'the coordinator is moving or loading: it comes back by itself'
const fenced =
  'a newer holder has the transactional id, or the transaction ran out of time: take the lease again'
const wrongConfig = 'the broker refuses the setting: correct it'

/** Every code of the Kafka protocol that a request of ours can bring (https://kafka.apache.org/protocol#protocol_error_codes). */
export const protocolErrors: Readonly<Record<number, Row>> = {
  [-1]: ['UNKNOWN_SERVER_ERROR', 'Unreachable', true, 'the broker failed inside: see its log'],
  1: [
    'OFFSET_OUT_OF_RANGE',
    'OffsetOutOfRange',
    false,
    'the offset is below the first or beyond the last record: the records were deleted or the topic recreated',
  ],
  2: ['CORRUPT_MESSAGE', 'Corrupt', false, 'the broker found the records damaged'],
  3: ['UNKNOWN_TOPIC_OR_PARTITION', 'UnknownPartition', true, 'there is no such partition: create the topic'],
  5: ['LEADER_NOT_AVAILABLE', 'NotLeader', true, 'the partition has no leader: start its brokers'],
  6: ['NOT_LEADER_OR_FOLLOWER', 'NotLeader', true, moved],
  7: ['REQUEST_TIMED_OUT', 'Unreachable', true, 'the broker did not finish in time'],
  8: ['BROKER_NOT_AVAILABLE', 'Unreachable', true, 'the broker is not available'],
  9: ['REPLICA_NOT_AVAILABLE', 'NotLeader', true, moved],
  10: ['MESSAGE_TOO_LARGE', 'TooLarge', false, 'raise max.message.bytes of the topic, or write less at once'],
  12: [
    'OFFSET_METADATA_TOO_LARGE',
    'TooLarge',
    false,
    'the metadata of a position has at most 4,096 characters',
  ],
  13: ['NETWORK_EXCEPTION', 'Unreachable', true, 'the broker lost the connection'],
  14: ['COORDINATOR_LOAD_IN_PROGRESS', 'Unreachable', true, coordinator],
  15: ['COORDINATOR_NOT_AVAILABLE', 'Unreachable', true, coordinator],
  16: ['NOT_COORDINATOR', 'Unreachable', true, coordinator],
  17: ['INVALID_TOPIC_EXCEPTION', 'Refused', false, 'the name of the topic is not valid'],
  18: ['RECORD_LIST_TOO_LARGE', 'TooLarge', false, 'a batch is larger than a segment of the log'],
  19: [
    'NOT_ENOUGH_REPLICAS',
    'Unreachable',
    true,
    'fewer replicas are in sync than min.insync.replicas asks for',
  ],
  20: [
    'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
    'Unreachable',
    true,
    'written, but to fewer replicas than asked for',
  ],
  22: ['ILLEGAL_GENERATION', 'Refused', true, 'the group has gone on without this member: it joins again'],
  24: ['INVALID_GROUP_ID', 'Refused', false, 'the name of the group is not valid'],
  25: ['UNKNOWN_MEMBER_ID', 'Refused', true, 'the group has dropped this member: it joins again'],
  26: [
    'INVALID_SESSION_TIMEOUT',
    'Refused',
    false,
    'the broker does not allow the session timeout of the group',
  ],
  27: ['REBALANCE_IN_PROGRESS', 'Refused', true, 'the group is spreading its partitions anew'],
  29: ['TOPIC_AUTHORIZATION_FAILED', 'Refused', false, denied],
  30: ['GROUP_AUTHORIZATION_FAILED', 'Refused', false, denied],
  31: ['CLUSTER_AUTHORIZATION_FAILED', 'Refused', false, denied],
  32: ['INVALID_TIMESTAMP', 'Refused', false, 'the timestamp is farther from now than the topic allows'],
  35: [
    'UNSUPPORTED_VERSION',
    'Unsupported',
    false,
    'the broker does not speak this version: use Apache Kafka 2.5 or later',
  ],
  36: ['TOPIC_ALREADY_EXISTS', 'Exists', false, 'the topic exists already'],
  37: ['INVALID_PARTITIONS', 'Refused', false, 'partitions can only grow, and a topic has at least one'],
  38: ['INVALID_REPLICATION_FACTOR', 'Refused', false, 'there are fewer brokers than replicas asked for'],
  39: ['INVALID_REPLICA_ASSIGNMENT', 'Refused', false, 'the assignment of replicas is not valid'],
  40: ['INVALID_CONFIG', 'Refused', false, wrongConfig],
  41: ['NOT_CONTROLLER', 'Unreachable', true, 'the controller of the cluster is moving: try again'],
  42: ['INVALID_REQUEST', 'Refused', false, 'the broker finds the request not valid: see its log'],
  43: ['UNSUPPORTED_FOR_MESSAGE_FORMAT', 'Unsupported', false, 'the message format of the topic is too old'],
  44: ['POLICY_VIOLATION', 'Refused', false, 'a policy of the cluster forbids it'],
  45: [
    'OUT_OF_ORDER_SEQUENCE_NUMBER',
    'Refused',
    true,
    'the broker misses an earlier batch of this producer',
  ],
  47: ['INVALID_PRODUCER_EPOCH', 'Fenced', false, fenced],
  48: ['INVALID_TXN_STATE', 'Refused', true, 'the transaction is not open any more: take the lease again'],
  49: [
    'INVALID_PRODUCER_ID_MAPPING',
    'Refused',
    true,
    'the transactional id has expired: take the lease again',
  ],
  51: ['CONCURRENT_TRANSACTIONS', 'Refused', true, 'the transaction before is still being ended'],
  53: ['TRANSACTIONAL_ID_AUTHORIZATION_FAILED', 'Refused', false, denied],
  55: ['OPERATION_NOT_ATTEMPTED', 'Refused', true, 'another part of the same request was refused'],
  56: ['KAFKA_STORAGE_ERROR', 'NotLeader', true, 'the disk of the broker failed'],
  59: ['UNKNOWN_PRODUCER_ID', 'Refused', true, 'the broker has forgotten this producer'],
  67: ['INVALID_TXN_PARTITION', 'Refused', true, 'the partition is not part of the transaction'],
  73: ['TOPIC_DELETION_DISABLED', 'Refused', false, 'set delete.topic.enable=true on the brokers'],
  74: ['FENCED_LEADER_EPOCH', 'NotLeader', true, moved],
  75: ['UNKNOWN_LEADER_EPOCH', 'NotLeader', true, moved],
  76: ['UNSUPPORTED_COMPRESSION_TYPE', 'Unsupported', false, 'the compression of the topic is not supported'],
  78: ['OFFSET_NOT_AVAILABLE', 'NotLeader', true, 'the new leader does not yet know the end of the log'],
  79: ['MEMBER_ID_REQUIRED', 'Refused', true, 'the member joins again with the id it was given'],
  81: ['GROUP_MAX_SIZE_REACHED', 'Refused', true, 'the group is full'],
  87: ['INVALID_RECORD', 'Refused', false, 'the broker refuses a record: a compacted topic needs keys'],
  88: ['UNSTABLE_OFFSET_COMMIT', 'Unstable', true, 'a transaction is about to move the position'],
  89: [
    'THROTTLING_QUOTA_EXCEEDED',
    'Unreachable',
    true,
    'the quota of the client is used up: it is served later',
  ],
  90: ['PRODUCER_FENCED', 'Fenced', false, fenced],
  100: ['UNKNOWN_TOPIC_ID', 'UnknownPartition', true, 'there is no such topic: create it'],
  120: ['TRANSACTION_ABORTABLE', 'Refused', true, 'the transaction cannot go on: take the lease again'],
}

/** The fault for an error code of the broker. `where` says which call on what; `detail` is the broker's own text. */
export function protocolFault(code: number, where: string, detail?: string | null): LogFault {
  const [name, reason, retry, sentence] = protocolErrors[code] ?? [
    'UNKNOWN_ERROR',
    'Refused',
    false,
    'the broker answered with a code this client does not know',
  ]
  const text = detail ? `${sentence} (${detail})` : sentence
  return new LogFault(`${where}: ${name} (${code}): ${text}`, { reason, retry })
}

/** Throws the fault for a code other than 0. */
export function check(code: number, where: string, detail?: string | null): void {
  if (code !== 0) throw protocolFault(code, where, detail)
}

/** The fault for whatever a connection threw: no answer, so the outcome of the request is unknown. */
export function connectionFault(error: unknown, where: string): LogFault {
  if (error instanceof LogFault) return error
  const text = error instanceof Error ? error.message : String(error)
  if (error instanceof Error && error.name === 'KafkaJSSASLAuthenticationError')
    return new LogFault(`${where}: the broker refused the credentials: ${text}`, {
      reason: 'Refused',
      retry: false,
      cause: error,
    })
  return new LogFault(`${where}: no answer: ${text}`, { reason: 'Unreachable', retry: true, cause: error })
}

/** Any thrown thing as a fault: what is none of ours came from bytes that are not what they should be. */
export function asFault(error: unknown, where: string): LogFault {
  if (error instanceof LogFault) return error
  const text = error instanceof Error ? error.message : String(error)
  return new LogFault(`${where}: the answer cannot be read: ${text}`, {
    reason: 'Corrupt',
    retry: true,
    cause: error,
  })
}
