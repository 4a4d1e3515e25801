/** The command at a Kinesis on loopback. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type Result, cli, linesOf } from './cli'

/** Of a command that must not see what the machine is configured with. */
export const LIVE_ENV = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  // The SDK warns on versions of Node.js that it will leave behind.
  NODE_NO_WARNINGS: '1',
  AWS_ACCESS_KEY_ID: 'a',
  AWS_SECRET_ACCESS_KEY: 's',
  AWS_DEFAULT_REGION: 'us-east-1'
}

export interface Running {
  child: ChildProcessWithoutNullStreams
  ended: Promise<Result>
  soFar(): Result
}

/** Starts the command. */
export function startLive(endpoint: string, args: string[], env: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(process.execPath, [cli, ...args, '--endpoint-url', endpoint], {
    env: { ...LIVE_ENV, ...env }
  })
  const stdout: Buffer[] = []
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  child.stdin.on('error', () => {})
  const ended = once(child, 'close').then(([code]): Result => ({
    code: code as number | null,
    stdout: Buffer.concat(stdout),
    stderr
  }))
  return { child, ended, soFar: () => ({ code: null, stdout: Buffer.concat(stdout), stderr }) }
}

/** Runs the command to its end. */
export function runLive(endpoint: string, args: string[], input: string | Buffer = ''): Promise<Result> {
  const { child, ended } = startLive(endpoint, args)
  child.stdin.end(input)
  return ended
}

/** The data of what was printed as lines of JSON; lines that are not whole yet are left out. */
export const dataOf = ({ stdout, ...rest }: Result): unknown[] =>
  linesOf({ ...rest, stdout: stdout.subarray(0, stdout.lastIndexOf('\n') + 1) }).map(
    ({ data, dataBase64 }) => data ?? dataBase64
  )
