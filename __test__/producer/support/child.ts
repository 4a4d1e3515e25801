/** Runs a script with a producer in a process of its own, before an endpoint of this one. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const LIMIT_MS = 200_000

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

/**
 * @param script a file beside this one; it finds the client's settings in `CLIENT`
 * @param onOutput told of all output so far, each time that there is more
 * @param onStart gets the process; its standard input is open then
 */
export async function runChild(
  script: string,
  url: string,
  args: readonly string[] = [],
  onOutput: (text: string) => void = () => {},
  onStart?: (child: ChildProcess) => void
): Promise<Ended> {
  const child = spawn(
    process.execPath,
    ['--expose-gc', '--no-warnings', fileURLToPath(new URL(script, import.meta.url)), ...args],
    {
      env: {
        ...process.env,
        CLIENT: JSON.stringify({
          endpoint: url,
          region: 'us-east-1',
          credentials: { accessKeyId: 'local', secretAccessKey: 'local' }
        })
      },
      stdio: 'pipe',
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL'
    }
  )
  if (onStart === undefined) child.stdin.end()
  else onStart(child)
  const texts = { stdout: '', stderr: '' }
  child.stdout.on('data', chunk => {
    texts.stdout += String(chunk)
    onOutput(texts.stdout)
  })
  child.stderr.on('data', chunk => (texts.stderr += String(chunk)))
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { code, signal, ...texts }
}
