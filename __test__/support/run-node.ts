import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export interface NodeRun {
  code: number | null
  stdout: string
  stderr: string
}

/** Node.js in the project's folder, with more in its environment; nobody is told of the SDK's warnings. */
export function spawnNode(args: string[], env: Record<string, string> = {}): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, args, {
    cwd: join(__dirname, '..', '..'),
    env: { ...process.env, NODE_NO_WARNINGS: '1', ...env }
  })
}

/** What it says until it ends. */
export async function endOf(child: ChildProcessWithoutNullStreams): Promise<NodeRun> {
  const run: NodeRun = { code: null, stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (run.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (run.stderr += chunk.toString()))
  ;[run.code] = (await once(child, 'close')) as [number | null]
  return run
}

export function runNode(args: string[], env?: Record<string, string>, input = ''): Promise<NodeRun> {
  const child = spawnNode(args, env)
  child.stdin.end(input)
  return endOf(child)
}
