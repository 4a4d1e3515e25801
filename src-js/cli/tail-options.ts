import { AWS_OPTIONS, type Target, readTarget } from './aws'
import { type Beginning, beginningAt } from './beginning'
import { ROW_OPTIONS, chooseRows } from './choose-rows'
import { readMoment } from './moment'
import { readOptions } from './options'
import type { RowWriter } from './rows'
import { ShardChoice } from './shard-choice'
import type { Selection } from './tail-writer'
import { UsageError } from './usage-error'

/** What the command line of `tail` says. */
export interface TailOptions {
  target: Target
  /** @param now milliseconds, by the clock of the server */
  beginning(now: number): Beginning
  /** Milliseconds. @param now milliseconds, by the clock of the server */
  until(now: number): number | undefined
  shards: ShardChoice
  selection: Selection
  /** `undefined`: Kinesis records are printed as they are. */
  rows: RowWriter | undefined
  isQuiet: boolean
}

/** Options that make no sense where nothing is decoded. */
const DECODING = ['json', 'data', 'wide', 'key', 'grep', 'gunzip'] as const

/** @throws UsageError */
export function readTailOptions(args: string[]): TailOptions | 'help' {
  const { values, positionals } = readOptions({
    args,
    allowPositionals: true,
    options: {
      ...AWS_OPTIONS,
      ...ROW_OPTIONS,
      help: { type: 'boolean', short: 'h' },
      since: { type: 'string' },
      until: { type: 'string' },
      limit: { type: 'string' },
      shard: { type: 'string', multiple: true },
      'shard-of': { type: 'string' },
      key: { type: 'string' },
      grep: { type: 'string' },
      gunzip: { type: 'boolean' },
      raw: { type: 'boolean' },
      quiet: { type: 'boolean', short: 'q' }
    }
  })
  if (values.help === true) return 'help'
  const [stream, ...more] = positionals
  if (stream === undefined || more.length > 0) throw new UsageError('tail takes one stream, by name or ARN')
  const {
    since = 'now',
    until,
    limit,
    shard = [],
    key,
    grep,
    gunzip = false,
    raw = false,
    quiet = false
  } = values
  if (limit !== undefined && !/^[1-9]\d*$/.test(limit))
    throw new UsageError(`--limit takes a number of records, got '${limit}'`)
  const isSequence = /^\d{20,}$/.test(since)
  if (isSequence && shard.length !== 1)
    throw new UsageError('--since with a sequence number takes one --shard, in which it is')
  if (since !== 'start' && !isSequence) readMoment('--since', since, 0)
  if (until !== undefined) readMoment('--until', until, 0)
  const decoding = DECODING.find(name => values[name] !== undefined)
  if (raw && decoding !== undefined) throw new UsageError(`--raw and --${decoding} exclude each other`)
  const rows = chooseRows(values, process.stdout)
  return {
    target: readTarget(stream, values),
    beginning: now => beginningOf(since, isSequence, now),
    // The clock of the server tells whole seconds only, rounded down.
    until: now => (until === undefined ? undefined : readMoment('--until', until, now + 999)),
    shards: new ShardChoice(shard, values['shard-of']),
    selection: { key, grep, gunzip, limit: limit === undefined ? Infinity : Number(limit) },
    rows: raw ? undefined : rows,
    isQuiet: quiet
  }
}

function beginningOf(since: string, isSequence: boolean, now: number): Beginning {
  if (isSequence) {
    return {
      start: { ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: since },
      filter: { Type: 'FROM_TRIM_HORIZON' },
      text: `sequence number ${since}`
    }
  }
  return beginningAt(since === 'start' ? undefined : readMoment('--since', since, now))
}
