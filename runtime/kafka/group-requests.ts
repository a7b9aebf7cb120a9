import { Decoder, Encoder } from './kafkajs.ts'
import type { Member } from './assignor.ts'
import { strings } from './cluster-requests.ts'
import { check } from './faults.ts'
import type { Request } from './line.ts'

/** Requests of the classic group protocol, whose members spread the partitions of a topic among them. */

/** Milliseconds without a heartbeat after which the group goes on without a member. */
const sessionTimeout = 10_000
/** Milliseconds the group waits for its members when it spreads the partitions anew. */
const rebalanceTimeout = 15_000
const protocolName = 'sticky'
const protocolVersion = 0

/** A member's place in one generation of its group. */
export interface Joined {
  generation: number
  memberId: string
  /** All members, to the one that spreads the partitions; none to others. */
  members: Member[]
  leads: boolean
  /** True when the id is new and the member must join again with it. */
  again: boolean
}

/** A group that spreads the partitions of a topic. */
export interface Group {
  group: string
  topic: string
}

const memberIdRequired = 79

/** JoinGroup v5: waits until all members have joined. `memberId` is empty the first time. */
export const joinGroup = (
  { group, topic }: Group,
  memberId: string,
  owned: readonly number[],
): Request<Joined> => ({
  name: 'JoinGroup',
  api: 11,
  version: 5,
  timeout: rebalanceTimeout + 5_000,
  encode: (body) => {
    body.writeString(group).writeInt32(sessionTimeout).writeInt32(rebalanceTimeout)
    body.writeString(memberId).writeString(null).writeString('consumer')
    body.writeInt32(1).writeString(protocolName).writeBytes(subscription(topic, owned))
  },
  decode: (body) => {
    body.readInt32()
    const code = body.readInt16()
    if (code !== memberIdRequired) check(code, `joining group ${group}`)
    const generation = body.readInt32()
    body.readString()
    const leader = body.readString()
    const id = body.readString() ?? ''
    return {
      generation,
      memberId: id,
      leads: leader === id,
      again: code === memberIdRequired,
      members: body.readArray(readMember),
    }
  },
})

/** ILLEGAL_GENERATION and REBALANCE_IN_PROGRESS: the group spreads its partitions anew, join again as who you are. */
const rejoin: readonly number[] = [22, 27]

/** SyncGroup v3: gives the leader's assignment to all, and every member its own; undefined: join again. */
export const syncGroup = (
  { group, topic }: Group,
  { generation, memberId }: Joined,
  assignment: ReadonlyMap<string, readonly number[]>,
): Request<number[] | undefined> => ({
  name: 'SyncGroup',
  api: 14,
  version: 3,
  timeout: rebalanceTimeout + 5_000,
  encode: (body) => {
    body.writeString(group).writeInt32(generation).writeString(memberId).writeString(null)
    body.writeInt32(assignment.size)
    for (const [id, partitions] of assignment) body.writeString(id).writeBytes(assigned(topic, partitions))
  },
  decode: (body) => {
    body.readInt32()
    const code = body.readInt16()
    if (rejoin.includes(code)) return undefined
    check(code, `getting partitions in group ${group}`)
    return readAssigned(body.readBytes(), topic)
  },
})

/** Heartbeat v3; false: join again. */
export const heartbeat = (group: string, { generation, memberId }: Joined): Request<boolean> => ({
  name: 'Heartbeat',
  api: 12,
  version: 3,
  encode: (body) => {
    body.writeString(group).writeInt32(generation).writeString(memberId).writeString(null)
  },
  decode: (body) => {
    body.readInt32()
    const code = body.readInt16()
    if (rejoin.includes(code)) return false
    check(code, `staying in group ${group}`)
    return true
  },
})

/** LeaveGroup v3. */
export const leaveGroup = (group: string, memberId: string): Request<void> => ({
  name: 'LeaveGroup',
  api: 13,
  version: 3,
  encode: (body) => {
    body.writeString(group).writeInt32(1).writeString(memberId).writeString(null)
  },
  decode: (body) => {
    body.readInt32()
    check(body.readInt16(), `leaving group ${group}`)
  },
})

/** What a member says when it joins; as user data the partitions it has. */
function subscription(topic: string, owned: readonly number[]): Buffer {
  const userData = new Encoder().writeInt32(owned.length)
  for (const partition of owned) userData.writeInt32(partition)
  return strings(new Encoder().writeInt16(protocolVersion), [topic]).writeBytes(userData.buffer).buffer
}

function readMember(body: Decoder): Member {
  const id = body.readString() ?? ''
  body.readString()
  const metadata = new Decoder(body.readBytes() ?? Buffer.alloc(0))
  metadata.readInt16()
  metadata.readArray((each) => each.readString())
  const userData = new Decoder(metadata.readBytes() ?? Buffer.alloc(4))
  return { id, owned: userData.readArray((each) => each.readInt32()) }
}

function assigned(topic: string, partitions: readonly number[]): Buffer {
  const body = new Encoder().writeInt16(protocolVersion).writeInt32(1).writeString(topic)
  body.writeInt32(partitions.length)
  for (const partition of partitions) body.writeInt32(partition)
  return body.writeBytes(null).buffer
}

function readAssigned(bytes: Buffer | null, topic: string): number[] {
  if (bytes === null || bytes.length === 0) return []
  const body = new Decoder(bytes)
  body.readInt16()
  const rows = body.readArray((item) => ({
    name: item.readString(),
    partitions: item.readArray((each) => each.readInt32()),
  }))
  return rows.find(({ name }) => name === topic)?.partitions ?? []
}
