import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'

/** A headless chromium with one page, driven by the DevTools protocol. */
export interface Browser {
  /** Sends a command of the protocol and gives its result. */
  send(method: string, params?: object): Promise<Record<string, unknown>>
  /** The value of an expression in the page, which must be JSON. */
  evaluate(expression: string): Promise<unknown>
  /** Errors that the page logged: exceptions, violations of its policy, failed requests. */
  errors: readonly string[]
  close(): Promise<void>
}

const Answer = z.object({
  id: z.number().optional(),
  method: z.string().optional(),
  params: z.unknown().optional(),
  result: z.record(z.string(), z.unknown()).optional(),
  error: z.object({ message: z.string() }).optional(),
})
const Target = z.array(z.object({ type: z.string(), webSocketDebuggerUrl: z.string() }))
const Evaluated = z.object({ result: z.object({ value: z.unknown().optional() }) })

const switches = [
  '--headless',
  '--no-sandbox',
  '--no-first-run',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--hide-scrollbars',
  '--remote-debugging-port=0',
]

/** Starts chromium and gives the port of its DevTools, from its first words. */
const start = async (profile: string) => {
  const child = spawn('chromium', [...switches, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  process.once('exit', () => child.kill())
  const failed = once(child, 'error').then(([cause]) => {
    throw new Error('chromium could not be started: install it', { cause })
  })
  const port = async (): Promise<string> => {
    for await (const line of createInterface({ input: child.stderr })) {
      const found = /DevTools listening on ws:\/\/[^:]+:(\d+)\//.exec(line)?.[1]
      if (found !== undefined) return found
    }
    throw new Error('chromium ended before it listened')
  }
  return { child, port: await Promise.race([port(), failed]) }
}

const pageSocket = async (port: string): Promise<WebSocket> => {
  const response = await fetch(`http://127.0.0.1:${port}/json/list`)
  const page = Target.parse(await response.json()).find(({ type }) => type === 'page')
  if (page === undefined) throw new Error('chromium has no page')
  const socket = new WebSocket(page.webSocketDebuggerUrl)
  await once(socket, 'open')
  return socket
}

/** Requests and answers over one socket. */
const protocol = (socket: WebSocket) => {
  const waiting = new Map<number, PromiseWithResolvers<Record<string, unknown>>>()
  const errors: string[] = []
  let last = 0
  socket.addEventListener('message', ({ data }) => {
    const { id, method, params, result, error } = Answer.parse(JSON.parse(String(data)))
    if (method === 'Log.entryAdded' || method === 'Runtime.exceptionThrown')
      errors.push(JSON.stringify(params))
    const call = id === undefined ? undefined : waiting.get(id)
    if (error === undefined) call?.resolve(result ?? {})
    else call?.reject(new Error(error.message))
  })
  const send = (method: string, params: object = {}): Promise<Record<string, unknown>> => {
    const call = Promise.withResolvers<Record<string, unknown>>()
    waiting.set((last += 1), call)
    socket.send(JSON.stringify({ id: last, method, params }))
    return call.promise
  }
  return { send, errors }
}

export const openBrowser = async (): Promise<Browser> => {
  const profile = await mkdtemp(join(tmpdir(), 'chromium-'))
  const { child, port } = await start(profile)
  const { send, errors } = protocol(await pageSocket(port))
  for (const domain of ['Page', 'Runtime', 'Log']) await send(`${domain}.enable`)
  return {
    send,
    errors,
    async evaluate(expression) {
      const answer = await send('Runtime.evaluate', { expression, returnByValue: true })
      return Evaluated.parse(answer).result.value
    },
    async close() {
      child.kill()
      await once(child, 'exit')
      await rm(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
