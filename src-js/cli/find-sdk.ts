import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { compileFunction } from 'node:vm'

const NAME = '@aws-sdk/client-kinesis'

export type Sdk = typeof import('@aws-sdk/client-kinesis')
type Producer = typeof import('../producer')

/** The AWS SDK, which need not be installed. */
export interface FoundSdk {
  sdk: Sdk
  /** Loads what the SDK itself depends on. */
  load: NodeJS.Require
  /** It is where the package finds it too. */
  isBeside: boolean
}

/**
 * Looks for the SDK beside the package, then from the current folder.
 *
 * @param command that needs it
 * @throws Error if there is none
 */
export function findSdk(command: string): FoundSdk {
  for (const from of [__filename, join(process.cwd(), 'index.js')]) {
    const load = createRequire(from)
    try {
      const file = load.resolve(NAME)
      return { sdk: load(file) as Sdk, load: createRequire(file), isBeside: from === __filename }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error
    }
  }
  throw new Error(
    `${command} needs the AWS SDK: npx -p kinesis-agg -p @aws-sdk/client-kinesis kinesis-agg ${command} …`
  )
}

/** HTTP/1.1: the default of Kinesis clients is HTTP/2 with a connection for each request. */
export function keptAlive(load: NodeJS.Require): object {
  try {
    const { NodeHttpHandler } = load('@smithy/node-http-handler') as { NodeHttpHandler: new () => object }
    return { requestHandler: new NodeHttpHandler() }
  } catch {
    return {}
  }
}

/**
 * The producer, with the SDK that {@link findSdk} finds: by itself it looks only beside the package.
 *
 * @throws Error if there is no SDK
 */
export function loadProducer(command: string): Producer {
  const { sdk, isBeside } = findSdk(command)
  if (isBeside) return require('../producer') as Producer
  const filename = join(__dirname, 'producer.js')
  const load = createRequire(filename)
  const module = { exports: {}, filename }
  const run = compileFunction(readFileSync(filename, 'utf8'), ['exports', 'require', 'module'], {
    filename
  }) as (...args: unknown[]) => void
  run(module.exports, (id: string): unknown => (id === NAME ? sdk : load(id)), module)
  return module.exports as Producer
}
