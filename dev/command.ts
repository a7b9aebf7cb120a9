import { spawn } from 'node:child_process'

export interface CommandOptions {
  cwd?: string
  env?: Record<string, string>
  input?: string
}

/** Runs a command to its end and returns its standard output. A failure quotes the command and its last words. */
export function run(argv: readonly string[], { cwd, env, input = '' }: CommandOptions = {}): Promise<string> {
  const [file = '', ...args] = argv
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env: { ...process.env, ...env }, stdio: 'pipe' })
    const output: Buffer[] = []
    const errors: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
    child.on('error', (cause) =>
      reject(new Error(`${file} could not be started: ${cause.message}`, { cause })),
    )
    child.on('close', (code, signal) => {
      const stdout = Buffer.concat(output).toString()
      if (code === 0) return resolve(stdout)
      const words = lastLines(Buffer.concat(errors).toString() || stdout, 15)
      reject(new Error(`${argv.join(' ')} ended with ${signal ?? code}:\n${words}`))
    })
    child.stdin.on('error', () => undefined) // it may end without reading its input
    child.stdin.end(input)
  })
}

export function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n')
}
