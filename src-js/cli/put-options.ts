import { AWS_OPTIONS, type Target, readTarget } from './aws'
import { readOptions } from './options'
import { type LineReader, readObject, readWithKey, readWithPath } from './put-lines'
import { UsageError } from './usage-error'

/** What the command line of `put` says. */
export interface PutOptions {
  target: Target
  /** `-`: standard input. */
  file: string
  toRecord: LineReader
  /** Share of the limits of shards that may be used. */
  rateLimit: number
  isDryRun: boolean
}

/** @throws UsageError */
export function readPutOptions(args: string[]): PutOptions | 'help' {
  const { values, positionals } = readOptions({
    args,
    allowPositionals: true,
    options: {
      ...AWS_OPTIONS,
      help: { type: 'boolean', short: 'h' },
      key: { type: 'string' },
      'key-path': { type: 'string' },
      'no-key': { type: 'boolean' },
      'rate-limit': { type: 'string' },
      'dry-run': { type: 'boolean' }
    }
  })
  if (values.help === true) return 'help'
  const [stream, file = '-', ...more] = positionals
  if (stream === undefined || more.length > 0)
    throw new UsageError('put takes one stream, and one file or none')
  if (file === '-' && process.stdin.isTTY) throw new UsageError('name a file, or pipe something in')
  const { 'rate-limit': rate = '1', 'dry-run': isDryRun = false } = values
  const rateLimit = Number(rate)
  if (!(/^[\d.]+$/.test(rate) && rateLimit > 0))
    throw new UsageError(`--rate-limit takes a share of the shards' limits such as 0.5, got '${rate}'`)
  return { target: readTarget(stream, values), file, toRecord: readerFor(values), rateLimit, isDryRun }
}

interface KeyOptions {
  key?: string | undefined
  'key-path'?: string | undefined
  'no-key'?: boolean | undefined
}

function readerFor({ key, 'key-path': path, 'no-key': none }: KeyOptions): LineReader {
  if ([key, path, none].filter(value => value !== undefined).length > 1)
    throw new UsageError('--key, --key-path and --no-key exclude each other')
  if (key === '') throw new UsageError('--key must not be empty')
  if (path !== undefined) return readWithPath(path)
  return key !== undefined || none === true ? readWithKey(key) : readObject
}
