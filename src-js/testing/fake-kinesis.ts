import { type DeaggregatedRecord, deaggregateSync } from '../index'
import { MemoryKinesis } from './memory-kinesis'
import { type MemoryShard, MemoryStream, type RecordDistribution } from './memory-stream'
import { actionOf, sdkError } from './sdk-shapes'

/** A command of the AWS SDK v3, as far as the fake looks at it. */
export interface FakeKinesisCommand<Output> {
  readonly input: object
  resolveMiddleware(...rest: never[]): (...rest: never[]) => Promise<{ output: Output }>
}

/** Takes the place of a `KinesisClient`. */
export interface FakeKinesisClient {
  /** Answers PutRecords, ListShards, DescribeStreamSummary, GetShardIterator and GetRecords. */
  send<Output>(
    command: FakeKinesisCommand<Output>,
    options?: { abortSignal?: AbortSignal | undefined }
  ): Promise<Output>
  /** Does nothing: there are no connections. */
  destroy(): void
}

/** A stream of a {@link FakeKinesis}. */
export interface FakeStreamOptions {
  /**
   * Shards at the start, each with the same share of the hash keys.
   *
   * @default 1
   */
  shards?: number | undefined
  /**
   * `'AUTO'`: Kinesis chooses the shard and partition keys do not count.
   *
   * @default 'USER_PARTITION_KEY'
   */
  recordDistribution?: RecordDistribution | undefined
}

export interface FakeKinesisOptions {
  /** The streams that there are, by name. */
  streams: Record<string, FakeStreamOptions>
  /**
   * Milliseconds from a request to its answer.
   *
   * @default 0
   */
  delayMs?: number | undefined
}

/**
 * A Kinesis in memory for unit tests: no network, no credentials, faults and reshards by call. It checks
 * requests as Kinesis does (500 entries, 10 MiB, keys, sizes) and places records by hash key, but has no limits of
 * throughput of its own.
 *
 * @example
 * const kinesis = new FakeKinesis({ streams: { events: { shards: 2 } } })
 * const producer = new KinesisProducer({ client: kinesis.client, stream: 'events' })
 * await producer.put({ partitionKey: 'user-1', data: 'hello' })
 * kinesis.records('events')[0].data.toString() // 'hello'
 */
export class FakeKinesis {
  /** Give it to what is tested, in place of a `KinesisClient`. */
  readonly client: FakeKinesisClient
  readonly #kinesis = new MemoryKinesis()
  readonly #delayMs: number
  #failures: Error[] = []
  #throttles: Throttle[] = []
  #hang: Hang | undefined

  constructor({ streams, delayMs = 0 }: FakeKinesisOptions) {
    this.#delayMs = delayMs
    for (const [name, { shards, recordDistribution }] of Object.entries(streams)) {
      this.#kinesis.streams.set(name, new MemoryStream(name, shards, recordDistribution))
    }
    this.#kinesis.refuse = (_, shard) => {
      const now = performance.now()
      this.#throttles = this.#throttles.filter(({ until }) => now < until)
      return this.#throttles.some(throttle => throttle.shards.includes(shard))
        ? {
            ErrorCode: 'ProvisionedThroughputExceededException',
            ErrorMessage: `Rate exceeded for shard ${shard.id}`
          }
        : undefined
    }
    this.client = {
      send: (command, options) => this.#send(command, options?.abortSignal) as Promise<never>,
      destroy() {}
    }
  }

  /**
   * What was put, as user records, aggregates taken apart, in the order of storing. `source` holds the enclosing
   * Kinesis record.
   *
   * @throws Error if there is no such stream, and if an aggregate cannot be taken apart
   */
  records(stream: string): DeaggregatedRecord[] {
    return deaggregateSync(
      this.#stream(stream).records.map(record => ({
        Data: record.data,
        PartitionKey: record.partitionKey ?? '',
        SequenceNumber: record.sequenceNumber,
        ApproximateArrivalTimestamp: record.arrival
      }))
    )
  }

  /**
   * Refuses records, each by itself, with `ProvisionedThroughputExceededException`, until {@link reset}.
   *
   * @param options.shardId only those of this shard; by default those of all shards that are open now
   * @param options.forMs only for so many milliseconds from now
   */
  throttle(stream: string, { shardId, forMs = Infinity }: { shardId?: string; forMs?: number } = {}): void {
    const memory = this.#stream(stream)
    const shards = memory.openShards.filter(({ id }) => shardId === undefined || id === shardId)
    if (shards.length === 0) throw new Error(`${stream} has no open shard ${shardId}`)
    this.#throttles.push({ shards, until: performance.now() + forMs })
  }

  /**
   * Lets the next PutRecords fail as a whole; nothing of it is stored.
   *
   * @param error thrown as it is if it is an Error; else an error as the SDK makes it, of this name
   * @param options.times how many PutRecords; default 1
   */
  failNext(error: Error | { name: string; message?: string }, { times = 1 }: { times?: number } = {}): void {
    for (let i = 0; i < times; i++) this.#failures.push(error instanceof Error ? error : sdkError(error))
  }

  /**
   * Leaves every request without an answer, until {@link reset}; then they go on. One that its `abortSignal`
   * ended meanwhile is not stored.
   *
   * @param options.forMs only for so many milliseconds from now
   */
  hang({ forMs }: { forMs?: number } = {}): void {
    this.#hang?.end()
    const hang = new Hang()
    this.#hang = hang
    // A test that is over does not wait for it.
    if (forMs !== undefined) setTimeout(() => hang.end(), forMs).unref()
  }

  /** Splits a shard in the middle: the one named, else the one with the most hash keys. */
  split(stream: string, shardId?: string): void {
    this.#stream(stream).split(shardId)
  }

  /** Merges a shard, the one named or else the first, with its neighbour. */
  merge(stream: string, shardId?: string): void {
    this.#stream(stream).merge(shardId)
  }

  /** Ends all faults. The records and shards stay. */
  reset(): void {
    this.#failures = []
    this.#throttles = []
    this.#hang?.end()
    this.#hang = undefined
  }

  async #send(command: { input: object }, signal: AbortSignal | undefined): Promise<object> {
    if (signal?.aborted === true) throw aborted()
    const action = actionOf(command)
    if (this.#delayMs > 0) await unlessAborted(later(this.#delayMs), signal)
    while (this.#hang?.ended === false) await unlessAborted(this.#hang.over, signal)
    const failure = action === 'PutRecords' ? this.#failures.shift() : undefined
    if (failure !== undefined) throw failure
    try {
      return {
        $metadata: { httpStatusCode: 200, attempts: 1 },
        ...this.#kinesis.answer(action, command.input)
      }
    } catch (error) {
      throw sdkError(error as Error)
    }
  }

  #stream(name: string): MemoryStream {
    return this.#kinesis.stream({ StreamName: name })
  }
}

interface Throttle {
  readonly shards: readonly MemoryShard[]
  /** By `performance.now()`. */
  readonly until: number
}

/** What requests wait for while Kinesis does not answer. */
class Hang {
  ended = false
  readonly over: Promise<void>
  #end!: () => void

  constructor() {
    this.over = new Promise(resolve => (this.#end = resolve))
  }

  end(): void {
    this.ended = true
    this.#end()
  }
}

const later = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

const aborted = (): Error => Object.assign(new Error('Request aborted'), { name: 'AbortError' })

async function unlessAborted(wait: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return wait
  let onAbort!: () => void
  const abort = new Promise<never>((_, reject) => (onAbort = () => reject(aborted())))
  signal.addEventListener('abort', onAbort)
  try {
    await Promise.race([wait, abort])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
