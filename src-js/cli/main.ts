import { createReadStream, statSync } from 'node:fs'
import { ShardMap } from '../index'
import { ROW_OPTIONS, chooseRows } from './choose-rows'
import { Decode } from './decode'
import { Encode } from './encode'
import { fetchFailed } from './fetch-failed'
import { HELP } from './help'
import { inspect } from './inspect'
import { Messages } from './messages'
import { Output } from './output'
import { readOptions } from './options'
import { suggest } from './suggest'
import { put } from './put'
import { ServiceError } from './aws'
import { fromShardsFile } from './shards-file'
import { stat } from './stat'
import { tail } from './tail'
import { UsageError, orUsageError } from './usage-error'
import { type Job, walk } from './walk'

const CHUNK_BYTES = 256 * 1024

/** The version in package.json, put in by the build. */
declare const PACKAGE_VERSION: string

interface Command {
  job: Job
  file: string
  /** What the job reads is not the input itself, but what this makes of it. */
  fetch?: typeof fetchFailed
}

/** @throws UsageError */
function readCommand(args: string[]): Command | 'help' | 'version' {
  const { values, positionals } = parse(args)
  if (values.help === true) return 'help'
  if (values.version === true) return 'version'
  const [name, file = '-', ...more] = positionals
  if (name === undefined)
    throw new UsageError('a command is missing: decode, encode, fetch-failed, inspect, tail, put or stat')
  if (name !== 'decode' && name !== 'encode' && name !== 'fetch-failed')
    throw new UsageError(
      `there is no command '${name}'${suggest(name, ['decode', 'encode', 'fetch-failed', 'inspect', 'tail', 'put', 'stat'])}`
    )
  if (more.length > 0) throw new UsageError(`one file at a time, got also '${more.join("', '")}'`)
  if (file === '-' && process.stdin.isTTY) throw new UsageError('name a file, or pipe something in')
  const { gunzip = false, shards, 'max-size': maxSize } = values
  if (name === 'encode') {
    if (values.json === true || values.data === true)
      throw new UsageError('encode takes no --json and no --data')
    if (values.wide === true || values.color !== undefined)
      throw new UsageError('encode takes no --wide and no --color')
    if (gunzip) throw new UsageError('encode takes no --gunzip')
    return { job: encodeJob(maxSize, shards), file }
  }
  if (maxSize !== undefined || shards !== undefined)
    throw new UsageError(`${name} takes no --max-size and no --shards`)
  const job = new Decode(chooseRows(values, process.stdout), gunzip)
  return name === 'decode' ? { job, file } : { job, file, fetch: fetchFailed }
}

const parse = (args: string[]) =>
  readOptions({
    args,
    allowPositionals: true,
    options: {
      ...ROW_OPTIONS,
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean' },
      gunzip: { type: 'boolean' },
      'max-size': { type: 'string' },
      shards: { type: 'string' }
    }
  })

/** @throws UsageError */
function encodeJob(maxSize: string | undefined, shards: string | undefined): Encode {
  if (maxSize !== undefined && !/^\d+$/.test(maxSize))
    throw new UsageError(`--max-size takes a number of bytes, got '${maxSize}'`)
  const map = shards === undefined ? undefined : fromShardsFile(shards, list => new ShardMap(list))
  return orUsageError(() => new Encode(maxSize === undefined ? undefined : Number(maxSize), map))
}

/** Commands on a stream, which read their own options. */
const LIVE = new Map(Object.entries({ tail, put, stat }))

/** The first signal ends the command in good order, the second at once. */
async function runLive(command: typeof tail, args: string[]): Promise<number> {
  const stop = new AbortController()
  let status: number | undefined
  const onSignal = (signal: NodeJS.Signals): void => {
    if (status !== undefined) process.exit(status)
    status = signal === 'SIGINT' ? 130 : 143
    stop.abort()
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  try {
    const code = await command(args, stop.signal)
    return status ?? code
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}

async function main(): Promise<number> {
  const [name = '', ...args] = process.argv.slice(2)
  const live = LIVE.get(name)
  if (live !== undefined) return runLive(live, args)
  if (name === 'inspect') return inspect(args)
  const command = readCommand(process.argv.slice(2))
  const output = new Output(process.stdout)
  if (command === 'help' || command === 'version') {
    output.add(command === 'help' ? HELP : `${PACKAGE_VERSION}\n`)
    await output.flush()
    return 0
  }
  const { job, file, fetch } = command
  const showsProgress = process.stderr.isTTY && !process.stdout.isTTY
  const messages = new Messages(process.stderr, showsProgress, file === '-' ? undefined : statSync(file).size)
  const input = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: CHUNK_BYTES })
  try {
    await walk(fetch === undefined ? input : fetch(input, messages), job, output, messages)
  } catch (error) {
    // Whoever reads the output has seen enough.
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
  }
  return messages.problems > 0 ? 1 : 0
}

main().then(
  code => {
    process.exitCode = code
  },
  (error: Error) => {
    process.exitCode = error instanceof ServiceError ? 3 : 2
    const hint = error instanceof UsageError ? "\nTry 'kinesis-agg --help'." : ''
    process.stderr.write(`kinesis-agg: ${error.message}${hint}\n`)
  }
)
