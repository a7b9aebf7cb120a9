import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseUsage, usage } from './process.ts'

test('a process with spaces and parentheses in its name is read', () => {
  const stat = '7 (a (b) c) S 1 7 7 0 -1 4194560 1 0 0 0 150 50 9 9 20 0 1 0 100 0'
  const status = 'Name:\ta\nVmHWM:\t    2000 kB\nVmRSS:\t    1000 kB\n'
  assert.deepEqual(parseUsage(stat, status), { cpu: 2, peak: 2.048, resident: 1.024 })
})

test('what the kernel tells of this process is close to what it tells itself', () => {
  const { user, system } = process.cpuUsage()
  const { cpu, peak, resident } = usage(process.pid)
  assert.ok(Math.abs(cpu - (user + system) / 1e6) < 0.5)
  assert.ok(peak >= resident && resident > 10)
})
