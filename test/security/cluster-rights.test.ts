import { after, before, test } from 'node:test'
import { openStage, roleFiles, type Stage } from '../live/stage.ts'
import { enforcement, usesExactly } from './life.ts'

/** The controllers of all namespaces, with the rights that config/ gives them. */

let stage: Stage
before(async () => {
  stage = await openStage({ flags: [enforcement], scope: 'cluster' })
})
after(async () => stage?.end())

test('controllers of all namespaces use every right that the ClusterRoles give, and no right that they do not', () =>
  usesExactly(stage, roleFiles.cluster))
