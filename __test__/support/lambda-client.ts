/**
 * AWS's own runtime client of Lambda. Its native part is built with autotools, cmake and a C++ compiler, so it is not a
 * development dependency: `npm run test:lambda` builds it, and names its folder in AWS_LAMBDA_RIC.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type LambdaRuntime, startLambdaRuntime } from './lambda-runtime'

/** `undefined`: it is not there, and tests that need it are skipped. */
export const lambdaClient = process.env['AWS_LAMBDA_RIC']

export interface LambdaFunction extends Pick<LambdaRuntime, 'invoke'> {
  process: ChildProcess
  /** What it has printed. */
  said(): string
}

/**
 * Runs a function under the client, until `test` is over.
 *
 * @param folder of the function
 * @param handler as Lambda names it: file and export
 */
export async function underLambdaClient(
  folder: string,
  handler: string,
  env: NodeJS.ProcessEnv,
  test: (lambda: LambdaFunction) => Promise<void>
): Promise<void> {
  // Its place differs from version to version: bin/index.mjs in 3.x, index.mjs in 4.x.
  const { bin } = JSON.parse(readFileSync(join(lambdaClient!, 'package.json'), 'utf8')) as {
    bin: Record<string, string>
  }
  const runtime = await startLambdaRuntime()
  const child = spawn(process.execPath, [join(lambdaClient!, bin['aws-lambda-ric']!), handler], {
    cwd: folder,
    env: {
      ...process.env,
      AWS_LAMBDA_RUNTIME_API: runtime.address,
      LAMBDA_TASK_ROOT: folder,
      _HANDLER: handler,
      AWS_LAMBDA_FUNCTION_NAME: 'function',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/function',
      AWS_LAMBDA_LOG_STREAM_NAME: 'stream',
      ...env
    },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const ended = once(child, 'close')
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const end = ended.then(() => Promise.reject(new Error(`the client ended: ${said}`)))
  end.catch(() => {})
  try {
    await test({
      process: child,
      invoke: (event, limitMs) => Promise.race([runtime.invoke(event, limitMs), end]),
      said: () => said
    })
  } finally {
    child.kill('SIGKILL')
    await ended.catch(() => {})
    await runtime.stop()
  }
}
