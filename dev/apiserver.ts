import { readFileSync } from 'node:fs'
import { request } from 'node:https'

export interface ApiEndpoint {
  server: string
  authority: string
  token: string
}

/** The body of a GET of the API server; fails on any status but 200. For readiness only, the rest is kubectl's. */
export function get({ server, authority, token }: ApiEndpoint, path: string): Promise<string> {
  const options = {
    ca: readFileSync(authority),
    headers: { authorization: `Bearer ${token}` },
    timeout: 5000,
  }
  return new Promise((resolve, reject) => {
    const call = request(new URL(path, server), options, (response) => {
      const body: Buffer[] = []
      response.on('data', (chunk: Buffer) => body.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(body).toString()
        if (response.statusCode === 200) resolve(text)
        else reject(new Error(`GET ${path}: ${response.statusCode} ${text.slice(0, 200)}`))
      })
    })
    call.on('timeout', () => call.destroy(new Error(`GET ${path}: no answer from ${server}`)))
    call.on('error', reject)
    call.end()
  })
}
