import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../../../dev/until.ts'
import type { Condition } from '../../../operator/api/kubernetes.ts'
import type { PolicyRule } from '../../../operator/kube/kinds.ts'
import { answer } from '../proxy.ts'
import { grant, shipped } from '../role.ts'
import { ended, type Given, same, type Scenario, within } from '../scenario.ts'
import type { Trial } from '../trial.ts'

/** Waits until the status has a condition whose message says this. */
const says = (trial: Trial, words: RegExp): Promise<string> =>
  until(`a condition that says ${words}`, async () => {
    const object = await trial.get('clickstreampipelines', 'shop')
    const { conditions = [] } =
      (object as { status?: { conditions?: Condition[] } } | undefined)?.status ?? {}
    return conditions.map(({ message }) => message).find((message) => words.test(message))
  })

export const tokenRotated: Scenario = {
  fault: 'the token in its file is replaced, and the old one refused',
  expected: `within 75 s, as the file is read again each minute; ${same}`,
  longOnly: true,
  run: (given) =>
    within(given, async (trial) => {
      const directory = mkdtempSync(join(tmpdir(), 'token-'))
      const file = join(directory, 'token')
      const accept = (token: string) => {
        writeFileSync(file, token)
        trial.proxy.rule = async (call, pass) => (call.token === token ? pass() : answer(401, 'Unauthorized'))
      }
      try {
        trial.proxy.token = trial.token
        accept('first')
        await trial.start({ config: tokenFileConfig(given, trial, file) })
        await trial.create()
        const start = performance.now()
        accept('second')
        trial.network.reset()
        await trial.edit()
        return await ended(trial, start, { deadline: 75_000, writes: 50 })
      } finally {
        rmSync(directory, { recursive: true })
      }
    }),
}

const tokenFileConfig = ({ stage }: Given, trial: Trial, tokenFile: string) => {
  const config = stage.world.config({ port: trial.network.port })
  const users = config.users.map(({ name }) => ({
    name,
    authProvider: { name: 'tokenFile', config: { tokenFile } },
  }))
  return Object.assign(config, { users })
}

export const verbRevoked: Scenario = {
  fault: 'a verb of the Role is revoked, and given back',
  expected: `the status says which; ${same}; as in every run, the operator has the rights that we ship and no more`,
  run: (given) =>
    within(given, async (trial) => {
      const start = performance.now()
      await trial.start()
      await trial.create()
      const isOfDeployments = ({ resources }: PolicyRule) => resources.includes('deployments')
      await grant(
        given,
        shipped.map((rule) => (isOfDeployments(rule) ? { ...rule, verbs: ['list', 'watch'] } : rule)),
      )
      await trial.edit()
      await says(trial, /cannot patch resource "deployments"/)
      await grant(given, shipped)
      return ended(trial, start, { deadline: 60_000, writes: 40 })
    }),
}

export const quota: Scenario = {
  fault: 'a quota of no Deployments, taken away later',
  expected: `the status quotes it; ${same}`,
  async run(given) {
    const { world } = given.stage
    const path = `/api/v1/namespaces/${given.namespace}/resourcequotas/none`
    return within(given, async (trial) => {
      const spec = { hard: { 'count/deployments.apps': '0' } }
      const metadata = { namespace: given.namespace, name: 'none' }
      await world.apply(path, { apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec })
      await until('the quota', async () => {
        const found = (await world.admin.request({ method: 'GET', path })) as { status?: { hard?: object } }
        return found.status?.hard !== undefined
      })
      const start = performance.now()
      await trial.start()
      await trial.put({ producer: { rate: 10 } })
      await says(trial, /exceeded quota: none/)
      await world.admin.request({ method: 'DELETE', path })
      await trial.tell()
      return ended(trial, start, { deadline: 60_000, writes: 45 })
    })
  },
}
