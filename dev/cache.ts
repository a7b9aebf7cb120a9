import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

/** Where running instances keep their data, keys and logs. */
export function stateRoot(): string {
  const states = process.env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state')
  return join(states, 'clickstream-operator')
}

/** Built things live outside the checkout, so that a clean one, or a second one, need not build them again. */
export function cacheRoot(): string {
  const caches = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  return join(caches, 'clickstream-operator')
}

/**
 * The path of `key` in the cache, made by `make` if it is not there yet. `make` gets a path beside it to write a
 * file or folder to, which is then renamed: a crash leaves nothing half-made. Of several processes that want
 * the same thing one makes it and the others wait.
 */
export async function cached(key: string, make: (path: string) => Promise<unknown>): Promise<string> {
  const path = join(cacheRoot(), key)
  if (existsSync(path)) return path
  mkdirSync(dirname(path), { recursive: true })
  const unlock = await lock(`${path}.lock`)
  try {
    if (existsSync(path)) return path
    const draft = `${path}.draft`
    rmSync(draft, { recursive: true, force: true })
    await make(draft)
    renameSync(draft, path)
    return path
  } finally {
    unlock()
  }
}

/**
 * Takes the kernel's lock on a file, waiting for it; returns what releases it. The holder is a `cat` on a pipe
 * from us, so the lock is released too when we die.
 */
export async function lock(file: string): Promise<() => void> {
  const holder = spawn('flock', ['--exclusive', file, 'sh', '-c', 'echo; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const failed = once(holder, 'exit').then(([code]) =>
    Promise.reject(new Error(`flock ${file} ended with ${code}`)),
  )
  await Promise.race([once(holder.stdout, 'data'), failed])
  failed.catch(() => undefined)
  return () => holder.stdin.end()
}
