import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)
const windows = process.platform === 'win32'

/** Not of the npm that runs the tests: its configuration stands in the environment. */
const environment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|KINESIS_AGG)/i.test(name)))

/** Runs npm in a folder. Not synchronous: the registry may live in this process. */
export const npm = (cwd: string, ...args: string[]): Promise<string> => npmWith({}, cwd, ...args)

/** The same with environment variables. */
export async function npmWith(more: NodeJS.ProcessEnv, cwd: string, ...args: string[]): Promise<string> {
  const { stdout } = await run('npm', args, { cwd, env: { ...environment(), ...more }, shell: windows })
  return stdout
}

/** What a Node.js program prints. */
export const node = async (cwd: string, ...args: string[]): Promise<string> =>
  (await nodeWith({}, cwd, ...args)).stdout

/** The same with environment variables, and with what it prints on standard error. */
export const nodeWith = (
  more: NodeJS.ProcessEnv,
  cwd: string,
  ...args: string[]
): Promise<{ stdout: string; stderr: string }> =>
  run(process.execPath, args, { cwd, env: { ...environment(), ...more } })

/** What a Node.js program that fails prints. */
export async function failure(cwd: string, ...args: string[]): Promise<string> {
  return node(cwd, ...args).then(
    stdout => {
      throw new Error(`did not fail, and printed ${stdout}`)
    },
    (error: { stderr: string }) => error.stderr
  )
}
