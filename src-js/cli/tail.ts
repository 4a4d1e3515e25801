import type { ShardFilter, _Record } from '@aws-sdk/client-kinesis'
import { type DeaggregatedRecord, deaggregateSync } from '../index'
import { AWS_OPTIONS, connect, nameOf, readTarget, toServiceError } from './aws'
import { TAIL_HELP } from './help-live'
import { readMoment } from './moment'
import { Output } from './output'
import { ROW_OPTIONS, chooseRows } from './choose-rows'
import { readOptions } from './options'
import type { Start } from './shard-reader'
import { StreamReader } from './stream-reader'
import { printable } from './text'
import { Turns } from './turns'
import { UsageError } from './usage-error'

const MAX_IN_FLIGHT = 50

/**
 * Prints the user records of a stream as they come.
 *
 * @param stop ends it
 * @returns exit status
 * @throws UsageError
 * @throws ServiceError
 */
export async function tail(args: string[], stop: AbortSignal): Promise<number> {
  const { values, positionals } = parseTail(args)
  const output = new Output(process.stdout)
  if (values.help === true) {
    output.add(TAIL_HELP)
    await output.flush()
    return 0
  }
  const [stream, ...more] = positionals
  if (stream === undefined || more.length > 0) throw new UsageError('tail takes one stream, by name or ARN')
  const { since = 'now', shard: wanted = [], key } = values
  if (values.limit !== undefined && !/^[1-9]\d*$/.test(values.limit))
    throw new UsageError(`--limit takes a number of records, got '${values.limit}'`)
  const isSequence = /^\d{20,}$/.test(since)
  if (isSequence && wanted.length !== 1)
    throw new UsageError('--since with a sequence number takes one --shard, in which it is')
  if (since !== 'start' && !isSequence) readMoment('--since', since, 0)
  if (values.until !== undefined) readMoment('--until', values.until, 0)

  const target = readTarget(stream, values)
  const connection = connect(target, 'tail')
  const rows = chooseRows(values, process.stdout)
  const end = new AbortController()
  const signal = AbortSignal.any([stop, end.signal])
  let left = values.limit === undefined ? Infinity : Number(values.limit)
  let damaged = 0
  let writing = Promise.resolve()

  const write = async (shardId: string, records: _Record[]): Promise<void> => {
    for (const record of records) {
      let userRecords: DeaggregatedRecord<_Record>[] = []
      try {
        userRecords = deaggregateSync({ ...record, ShardId: shardId })
      } catch (error) {
        damaged++
        process.stderr.write(
          `kinesis-agg: ${shardId}, sequence number ${record.SequenceNumber}: ${printable((error as Error).message)}\n`
        )
      }
      for (const userRecord of userRecords) {
        if (left === 0) break
        if (key !== undefined && userRecord.partitionKey !== key) continue
        left--
        output.add(rows.add(userRecord))
        if (output.isFull) await output.flush()
      }
    }
    output.add(rows.flush())
    await output.flush()
    if (left === 0) end.abort()
  }
  const turns = new Turns(MAX_IN_FLIGHT)
  try {
    // One request tells the time of the server: records are stamped by its clock.
    await connection.client.send(new connection.sdk.ListShardsCommand({ ...nameOf(target), MaxResults: 1 }), {
      abortSignal: signal
    })
    const now = connection.serverTime()
    // The clock of the server tells whole seconds only, rounded down.
    const until = values.until === undefined ? undefined : readMoment('--until', values.until, now + 999)
    const { start, filter, text } = startOf(since, isSequence, now)
    process.stderr.write(`kinesis-agg: reading ${printable(stream)} from ${text}\n`)
    const reader = new StreamReader(
      {
        connection,
        target,
        signal,
        until,
        turn: async request => {
          await writing
          return turns.run(request)
        },
        take: (shardId, records) => {
          writing = writing.then(() => write(shardId, records))
          return writing
        }
      },
      start,
      filter,
      wanted
    )
    await reader.run()
    if (reader.size === 0) throw new UsageError(`the stream has no shard '${wanted.join("', '")}' to read`)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EPIPE') return 0
    if (error instanceof UsageError) throw error
    if (!signal.aborted) throw toServiceError(error, target)
  } finally {
    end.abort()
    connection.client.destroy()
  }
  return damaged > 0 ? 1 : 0
}

/** Where in a stream to begin, and how that is said. */
interface Beginning {
  start: Start
  filter: ShardFilter
  text: string
}

function startOf(since: string, isSequence: boolean, now: number): Beginning {
  const filter: ShardFilter = { Type: 'FROM_TRIM_HORIZON' }
  if (since === 'start')
    return { start: { ShardIteratorType: 'TRIM_HORIZON' }, filter, text: 'the oldest record' }
  if (isSequence) {
    const start: Start = { ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: since }
    return { start, filter, text: `sequence number ${since}` }
  }
  const Timestamp = new Date(readMoment('--since', since, now))
  return {
    start: { ShardIteratorType: 'AT_TIMESTAMP', Timestamp },
    filter: { Type: 'FROM_TIMESTAMP', Timestamp },
    text: Timestamp.toISOString()
  }
}

const parseTail = (args: string[]) =>
  readOptions({
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
      key: { type: 'string' }
    }
  })
