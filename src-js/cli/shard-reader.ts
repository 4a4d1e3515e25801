import { setTimeout as sleep } from 'node:timers/promises'
import type { GetShardIteratorCommandInput, _Record } from '@aws-sdk/client-kinesis'
import { type Connection, type Target, nameOf } from './aws'

/** Where to begin in a shard. */
export type Start = Pick<
  GetShardIteratorCommandInput,
  'ShardIteratorType' | 'StartingSequenceNumber' | 'Timestamp'
>

const READ_MS = 1000
const MAX_PAUSE_MS = 10_000
/** A shard may be read five times a second, by all its readers together. */
const BEHIND_MS = 250
/** How long the same failure is borne before it ends the command. */
const MAX_FAILING_MS = 300_000

const THROTTLES = new Set([
  'ProvisionedThroughputExceededException',
  'LimitExceededException',
  'ThrottlingException'
])

/** Errors of the way to the service; `EPIPE` is that of the output. */
const NETWORK = /^(?:ECONN|EHOST|ENET|ENOTFOUND|ETIMEDOUT|EAI_AGAIN)/

/** What a reader needs of the others. */
export interface ReaderHost {
  readonly connection: Connection
  readonly target: Target
  readonly signal: AbortSignal
  /** Milliseconds; records that came later are not read. */
  readonly until: number | undefined
  /** Runs a request when it is its turn. */
  turn<T>(request: () => Promise<T>): Promise<T>
  /** Waits for the output to take them: nothing is read before. `'enough'` ends the reading of this shard. */
  take(shardId: string, records: _Record[]): Promise<void | 'enough'>
}

/**
 * Reads one shard, in order, until it is closed and empty, or past the end.
 *
 * @returns whether the shard was closed, so that it has children
 */
export async function readShard(host: ReaderHost, shardId: string, start: Start): Promise<boolean> {
  const { sdk, client, serverTime } = host.connection
  const { signal: abortSignal, until } = host
  let iterator: string | undefined
  let last: string | undefined
  let pause = READ_MS
  let failingSince: number | undefined
  while (!abortSignal.aborted) {
    try {
      if (iterator === undefined) {
        const from: Start =
          last === undefined
            ? start
            : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: last }
        const answer = await host.turn(() =>
          client.send(
            new sdk.GetShardIteratorCommand({
              ...nameOf(host.target),
              ShardId: shardId,
              ...from
            } as GetShardIteratorCommandInput),
            { abortSignal }
          )
        )
        iterator = answer.ShardIterator
      }
      const answer = await host.turn(() =>
        client.send(
          new sdk.GetRecordsCommand({
            ...('StreamARN' in nameOf(host.target) ? nameOf(host.target) : undefined),
            ShardIterator: iterator
          }),
          { abortSignal }
        )
      )
      failingSince = undefined
      const { Records: records = [], MillisBehindLatest: behind = 0 } = answer
      const end = until === undefined ? -1 : records.findIndex(record => arrival(record) > until)
      const wanted = end < 0 ? records : records.slice(0, end)
      if (wanted.length > 0 && (await host.take(shardId, wanted)) === 'enough') return false
      last = records.at(-1)?.SequenceNumber ?? last
      iterator = answer.NextShardIterator ?? undefined
      if (end >= 0) return false
      if (iterator === undefined) return true
      if (until !== undefined && serverTime() - behind > until) return false
      pause = behind > 0 ? BEHIND_MS : READ_MS
    } catch (error) {
      if (abortSignal.aborted) return false
      if ((error as Error).name === 'ExpiredIteratorException') {
        iterator = undefined
        continue
      }
      failingSince ??= Date.now()
      if (!passes(error) || Date.now() - failingSince > MAX_FAILING_MS) throw error
      pause = Math.min(pause * 2, MAX_PAUSE_MS)
    }
    await sleep(pause, undefined, { signal: abortSignal }).catch(() => {})
  }
  return false
}

/** Whether a failure may go away by itself. */
function passes(error: unknown): boolean {
  const { name, code, $fault, $metadata } = error as {
    name: string
    code?: string
    $fault?: string
    $metadata?: { httpStatusCode?: number }
  }
  if (THROTTLES.has(name) || name === 'TimeoutError' || $fault === 'server') return true
  return ($metadata?.httpStatusCode ?? 0) >= 500 || NETWORK.test(code ?? '')
}

function arrival({ ApproximateArrivalTimestamp: time }: _Record): number {
  return time?.getTime() ?? -Infinity
}
