import type { Cluster } from './cluster.ts'
import { lastLines, run } from './command.ts'

interface Pod {
  metadata: { name: string }
  status: { phase: string; containerStatuses?: { ready: boolean; restartCount: number }[] }
}

/** What a person would look at first when the demo does not come up: pods at fault, their events, their logs. */
export async function diagnosis(cluster: Cluster): Promise<string> {
  const kubectl = (...words: string[]) =>
    run([cluster.kubectl, '--kubeconfig', cluster.kubeconfig, ...words]).catch(
      (error: Error) => error.message,
    )
  const pods = await podsAtFault(kubectl)
  const reports = pods.map(async (pod) => {
    const events = await kubectl('get', 'events', '--field-selector', `involvedObject.name=${pod}`)
    const log = await kubectl('logs', pod, '--tail=15')
    return `pod ${pod}\n${lastLines(events, 5)}\n${log}`
  })
  const status = await kubectl('get', 'clickstreampipelines,kafkatopics,deployments,pods')
  return [
    '',
    ...(await Promise.all(reports)),
    status,
    `To look closer: export KUBECONFIG=${cluster.kubeconfig}; the processes' logs are in ${cluster.instance.directory}.`,
    'To begin anew: make demo-down demo',
  ].join('\n')
}

async function podsAtFault(kubectl: (...words: string[]) => Promise<string>): Promise<string[]> {
  try {
    const { items }: { items: Pod[] } = JSON.parse(await kubectl('get', 'pods', '-o', 'json'))
    return items.filter(isAtFault).map(({ metadata }) => metadata.name)
  } catch {
    return [] // the API server itself does not answer
  }
}

function isAtFault({ status }: Pod): boolean {
  const containers = status.containerStatuses ?? []
  return containers.length === 0 || containers.some(({ ready, restartCount }) => !ready || restartCount > 0)
}
