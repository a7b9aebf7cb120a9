import { join } from 'node:path'
import { stateRoot } from './cache.ts'

/** The clusters that may run beside each other, and the number that keeps their addresses apart. */
const NUMBERS = { demo: 0, test: 1 } as const

type InstanceName = keyof typeof NUMBERS

/** One local cluster: everything it owns on this machine follows from its name. */
export interface Instance {
  name: InstanceName
  /** Network namespace, cgroup and CNI network. */
  id: string
  /** Data, keys, logs and sockets; removed by `down`. */
  directory: string
  /** End of the veth pair on the machine's side. */
  link: string
  outside: string
  /** The node's address: API server, Kafka and DNS answer there, to the machine and to pods. */
  inside: string
  pods: string
}

export function instance(name: string): Instance {
  if (!isInstanceName(name)) {
    throw new Error(`there is no instance ${name}; the names are ${Object.keys(NUMBERS).join(' and ')}`)
  }
  const number = NUMBERS[name]
  return {
    name,
    id: `clickstream-${name}`,
    directory: join(stateRoot(), name),
    link: `cs-${name}`,
    outside: `10.231.${number}.1`,
    inside: `10.231.${number}.2`,
    pods: `10.244.${number}.0/24`,
  }
}

function isInstanceName(name: string): name is InstanceName {
  return Object.hasOwn(NUMBERS, name)
}
