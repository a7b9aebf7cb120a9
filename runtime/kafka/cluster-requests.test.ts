import assert from 'node:assert/strict'
import { test } from 'node:test'
import { metadata } from './cluster-requests.ts'
import { Decoder, Encoder } from './kafkajs.ts'

function answer({
  topicError = 0,
  partitions,
}: {
  topicError?: number
  partitions: [number, number, number][]
}) {
  const body = new Encoder().writeInt32(0)
  body.writeInt32(2)
  for (const id of [1, 2]) body.writeInt32(id).writeString(`host-${id}`).writeInt32(9092).writeString(null)
  body.writeString('cluster').writeInt32(1)
  body.writeInt32(1).writeInt16(topicError).writeString('t').writeBoolean(false).writeInt32(partitions.length)
  for (const [error, partition, leader] of partitions) {
    body.writeInt16(error).writeInt32(partition).writeInt32(leader)
    body.writeInt32(2).writeInt32(1).writeInt32(2).writeInt32(0).writeInt32(0)
  }
  return new Decoder(body.buffer)
}

const noLeader = 5

test('a partition without leader spoils nothing but itself', () => {
  const { error, leaders, nodes, replicas } = metadata('t').decode(
    answer({
      partitions: [
        [0, 2, 1],
        [noLeader, 1, -1],
        [0, 0, 2],
      ],
    }),
  )
  assert.deepEqual({ error, leaders, replicas }, { error: 0, leaders: [2, -1, 1], replicas: 2 })
  assert.deepEqual(
    [...nodes],
    [
      [1, 'host-1:9092'],
      [2, 'host-2:9092'],
    ],
  )
})

test('a topic that is not there has its error and no partitions', () => {
  const { error, leaders } = metadata('t').decode(answer({ topicError: 3, partitions: [] }))
  assert.deepEqual({ error, leaders }, { error: 3, leaders: [] })
})
