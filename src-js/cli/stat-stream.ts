import type { _Record } from '@aws-sdk/client-kinesis'
import { type KinesisRecordInput, KinesisAggError } from '../index'
import { printable } from '../inputs/text'
import { type Connection, type Target, nameOf } from './aws'
import { beginningAt } from './beginning'
import { systemClock } from './clock'
import { Messages } from './messages'
import { readMoment } from './moment'
import { ShardChoice } from './shard-choice'
import type { ShardRanges } from './stat-ranges'
import type { Sample } from './stat-report'
import type { Survey } from './stat-survey'
import { StreamReader } from './stream-reader'
import { Turns } from './turns'
import { UsageError } from './usage-error'

export const MAX_BYTES_PER_SHARD = 10 * 2 ** 20

/** Each answer may have 10 MiB, which take some 40 MiB until they are counted. */
const MAX_IN_FLIGHT = 8

/** Damaged records that are named. */
const MAX_NAMED = 10

/** What is to be read of a stream. */
export interface Selection {
  /** As on the command line. */
  since: string
  until: string
  /** Ids or numbers of shards; all if there are none. */
  shards: readonly string[]
}

/**
 * Counts the records of a stream that came in a time.
 *
 * @param ranges get those of the shards that are read
 * @returns what was looked at; `undefined` if it was stopped
 * @throws UsageError there is no such shard, or no time between start and end
 */
export async function surveyStream(
  { connection, target }: { connection: Connection; target: Target },
  selection: Selection,
  survey: Survey,
  ranges: ShardRanges,
  stop: AbortSignal
): Promise<Sample | undefined> {
  const { sdk, client } = connection
  // When one shard cannot be read, the reading of the others ends too.
  const end = new AbortController()
  const signal = AbortSignal.any([stop, end.signal])
  const answer = await client.send(new sdk.DescribeStreamSummaryCommand(nameOf(target)), {
    abortSignal: signal
  })
  const summary = answer.StreamDescriptionSummary
  const { from, until } = spanOf(selection, connection.serverTime())
  const { start, filter, text } = beginningAt(from)
  process.stderr.write(
    `kinesis-agg: reading ${printable(target.stream)} from ${text}` +
      ` to ${new Date(until).toISOString()}, at most ${MAX_BYTES_PER_SHARD / 2 ** 20} MiB of each shard\n`
  )
  const messages = new Messages(process.stderr, process.stderr.isTTY, undefined)
  const taken = new Map<string, number>()
  const cut = new Set<string>()
  let named = 0
  const nameDamaged = (shardId: string, record: _Record, error: KinesisAggError): void => {
    if (++named > MAX_NAMED) return
    messages.end()
    process.stderr.write(
      `kinesis-agg: ${shardId}, sequence number ${record.SequenceNumber}: ${printable(error.message)}\n`
    )
  }
  const turns = new Turns(MAX_IN_FLIGHT)
  const choice = new ShardChoice(selection.shards, undefined)
  const reader = new StreamReader(
    {
      target,
      signal,
      clock: systemClock,
      until,
      request: request => turns.run(() => request(connection)),
      serverTime: () => connection.serverTime(),
      take: async (shardId, records) => {
        ranges.add(reader.shard(shardId)!)
        let bytes = taken.get(shardId) ?? 0
        const before = bytes
        for (const record of records) {
          if (bytes >= MAX_BYTES_PER_SHARD) {
            cut.add(shardId)
            break
          }
          bytes += record.Data!.length
          try {
            survey.add(record as KinesisRecordInput, shardId)
          } catch (error) {
            if (!(error instanceof KinesisAggError)) throw error
            nameDamaged(shardId, record, error)
          }
        }
        taken.set(shardId, bytes)
        messages.progress(bytes - before, survey.userRecords)
        return cut.has(shardId) ? 'enough' : undefined
      },
      began: () => {},
      paced: () => {},
      ended: () => {},
      say: words => process.stderr.write(`kinesis-agg: ${words}\n`)
    },
    start,
    filter,
    choice
  )
  try {
    await reader.run()
  } finally {
    end.abort()
    messages.end()
  }
  if (stop.aborted) return undefined
  if (reader.size === 0) throw new UsageError(choice.missing)
  if (named > MAX_NAMED) process.stderr.write(`kinesis-agg: ${named - MAX_NAMED} more records are damaged\n`)
  survey.end()
  return {
    kind: 'stream',
    name: target.stream,
    from,
    until,
    shards: reader.size,
    maxBytesPerShard: MAX_BYTES_PER_SHARD,
    cut,
    mode: summary?.StreamModeDetails?.StreamMode,
    isServiceManaged: distributionOf(summary) === 'AUTO'
  }
}

/**
 * Milliseconds: the end is the last one of a whole second of the server's clock, so that all of it is there.
 *
 * @throws UsageError there is no time between them
 */
function spanOf({ since, until }: Selection, now: number): { from: number | undefined; until: number } {
  const from = since === 'start' ? undefined : readMoment('--since', since, now)
  const end = readMoment('--until', until, now)
  if (from !== undefined && from >= end)
    throw new UsageError(`--since ${since} is not before --until ${until}`)
  return { from, until: end - 1 }
}

/** Newer than the typings of many versions of the SDK. */
function distributionOf(summary: object | undefined): unknown {
  return (summary as { RecordDistributionStrategy?: unknown } | undefined)?.RecordDistributionStrategy
}
