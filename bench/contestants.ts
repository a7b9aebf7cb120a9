import { join } from 'node:path'
import { groupNames, topicNames } from '../runtime/names.ts'
import { partitions, window } from './load.ts'
import { goPeer, javaPeer } from './peers/build.ts'
import { bundle, pipeline, sharedEnvironment, windowEnvironment } from './pod.ts'
import { outcomeTopics, type Stage } from './stage.ts'

/** Someone who counts the windows of a topic. */
export interface Contestant {
  name: 'ours' | 'go' | 'kafkajs' | 'streams' | 'flink'
  /** What it is, for a table. */
  label: string
  argv: readonly string[]
  /** Its environment for a run with that number: peers get a group of their own each time. */
  env(run: number): Record<string, string>
  /** Topics it needs beside the events, made anew before each run. */
  topics: Record<string, number>
  /** Groups that must be forgotten after each run. */
  groups: readonly string[]
  /** The topic its results come on; without one they come on its output. */
  results: string | undefined
}

/** Our processor, the bundle that the image runs. */
const ours = ({ brokers }: Stage): Contestant => ({
  name: 'ours',
  label: 'this processor, exactly once',
  argv: [process.execPath, bundle, 'processor'],
  env: () => ({ ...sharedEnvironment(brokers), ...windowEnvironment(window) }),
  topics: outcomeTopics(pipeline, partitions),
  groups: Object.values(groupNames(pipeline)),
  results: topicNames(pipeline).metrics,
})

const peer = ({ brokers }: Stage, name: string, extra: Record<string, string> = {}) => ({
  env: (run: number) => ({
    BROKERS: brokers,
    TOPIC: topicNames(pipeline).events,
    GROUP: `${pipeline}-${name}-${run}`,
    PARTITIONS: String(partitions),
    WINDOW_MS: String(window.size),
    GRACE_MS: String(window.grace),
    ...extra,
  }),
  groups: [],
  topics: {},
  results: undefined,
})

const streams = async (stage: Stage): Promise<Contestant> => {
  const [partials, results] = [`${pipeline}-streams-partials`, `${pipeline}-streams-results`]
  const state = join(stage.directory, 'streams')
  return {
    ...peer(stage, 'streams', { PARTIALS: partials, RESULTS: results, STATE: state }),
    name: 'streams',
    label: 'Kafka Streams, exactly_once_v2, state in heap, lost by a crash',
    argv: await javaPeer('streams', 'StreamsPeer'),
    topics: { [partials]: 1, [results]: 1 },
    results,
  }
}

const flink = async (stage: Stage): Promise<Contestant> => {
  const results = `${pipeline}-flink-results`
  const state = join(stage.directory, 'flink')
  return {
    ...peer(stage, 'flink', { RESULTS: results, STATE: state }),
    name: 'flink',
    label: 'Flink, exactly once, state in heap and in checkpoints',
    argv: await javaPeer('flink', 'FlinkPeer'),
    topics: { [results]: 1 },
    results,
  }
}

/** All five, in the order of the first round. */
export const contestants = async (stage: Stage): Promise<Contestant[]> => [
  ours(stage),
  {
    ...peer(stage, 'go', { GOMAXPROCS: '1' }),
    name: 'go',
    label: 'Go: franz-go, fastjson, no transactions',
    argv: [await goPeer()],
  },
  {
    ...peer(stage, 'kafkajs'),
    name: 'kafkajs',
    label: 'kafkajs eachBatch, JSON.parse, no transactions',
    argv: [process.execPath, join(import.meta.dirname, 'peers', 'kafkajs.ts')],
  },
  await streams(stage),
  await flink(stage),
]
