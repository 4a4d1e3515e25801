import { type Clock, Timer } from './clock'
import type { SdkCalls, StreamId } from './sdk-calls'
import type { ListedShard } from './stream-shards'

/** Nobody may ask for that, or nobody answers. */
export class DeniedError extends Error {
  override readonly name = 'DeniedError'
}

/**
 * Lists the shards of a stream, page by page.
 *
 * @param withClosed closed shards too
 * @throws DeniedError there is no permission
 */
export async function listShards(
  calls: SdkCalls,
  clock: Clock,
  stream: StreamId,
  withClosed: boolean,
  timeoutMs: number,
  signal: AbortSignal
): Promise<ListedShard[]> {
  const shards: ListedShard[] = []
  let token: string | undefined
  do {
    const input =
      token === undefined
        ? { ...stream, ...(!withClosed && { ShardFilter: { Type: 'AT_LATEST' as const } }) }
        : // The token stands for the stream and the filter too.
          { NextToken: token }
    const page = (await bounded(clock, timeoutMs, signal, inner => calls.listShards(input, inner))) as
      { Shards?: ListedShard[]; NextToken?: string } | undefined
    // So doubles of a client answer what nobody told them.
    if (page === undefined || page === null) throw new DeniedError('ListShards was not answered')
    if (!Array.isArray(page.Shards)) throw new Error('ListShards answered without shards')
    shards.push(...page.Shards)
    token = page.NextToken ?? undefined
  } while (token !== undefined)
  return shards
}

/** What is used of a stream's summary. */
export interface StreamSummary {
  RecordDistributionStrategy?: string | undefined
  MaxRecordSizeInKiB?: number | undefined
}

/** @throws DeniedError there is no permission */
export async function describeStream(
  calls: SdkCalls,
  clock: Clock,
  stream: StreamId,
  timeoutMs: number,
  signal: AbortSignal
): Promise<StreamSummary> {
  const answer = (await bounded(clock, timeoutMs, signal, inner =>
    calls.describeStreamSummary(stream, inner)
  )) as { StreamDescriptionSummary?: StreamSummary } | undefined
  if (answer === undefined || answer === null) throw new DeniedError('DescribeStreamSummary was not answered')
  if (answer.StreamDescriptionSummary === undefined) throw new Error('DescribeStreamSummary said nothing')
  return answer.StreamDescriptionSummary
}

/** Ends after a time or by a signal, whatever the client does. */
async function bounded<T>(
  clock: Clock,
  timeoutMs: number,
  signal: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>
): Promise<T> {
  const controller = new AbortController()
  return new Promise<T>((resolve, reject) => {
    const stop = (reason: Error): void => {
      reject(reason)
      controller.abort(reason)
    }
    const aborted = (): void => stop(new Error('Not wanted any more'))
    const timer = new Timer(clock, () => stop(new Error(`Not answered within ${timeoutMs} ms`)))
    timer.set(clock.now() + timeoutMs)
    signal.addEventListener('abort', aborted, { once: true })
    const end = (): void => {
      timer.clear()
      signal.removeEventListener('abort', aborted)
    }
    call(controller.signal).then(resolve, reject).finally(end)
  })
}
