import type { GetRecordsOutput, GetShardIteratorCommandInput, _Record } from '@aws-sdk/client-kinesis'
import { type Connection, type Target, nameOf } from './aws'
import type { Clock } from './clock'
import { Patience, isThrottle } from './patience'
import { tellGap } from './retention-gap'

/** Where to begin in a shard. */
export type Start = Pick<
  GetShardIteratorCommandInput,
  'ShardIteratorType' | 'StartingSequenceNumber' | 'Timestamp'
>

const READ_MS = 1000
/** A shard may be read five times a second, by all its readers together. */
const BEHIND_MS = 250
/** Of a shard that is throttled, or whose reading fails. */
const MAX_PAUSE_MS = 10_000
/** So many answers without records make a shard idle: each more one makes the pause longer. */
const IDLE_ANSWERS = 10
const IDLE_STEP_MS = 500
const MAX_IDLE_MS = 5000

/** How the reading of a shard goes. */
export interface Pace {
  behindMs: number
  isThrottled: boolean
  isIdle: boolean
}

/** What a reader needs of the others. */
export interface ReaderHost {
  readonly target: Target
  readonly signal: AbortSignal
  readonly clock: Clock
  /** Milliseconds; records that came later are not read. */
  readonly until: number | undefined
  /** Carries a request out when it is its turn, and the output has taken what was read. */
  request<T>(request: (connection: Connection) => Promise<T>): Promise<T>
  /** The clock of the server: milliseconds of whole seconds, rounded down. */
  serverTime(): number
  /** Waits for the output to take them: nothing is read before. `'enough'` ends the reading of this shard. */
  take(shardId: string, records: _Record[]): Promise<void | 'enough'>
  /** To be told after each attempt to read. */
  paced(shardId: string, pace: Pace): void
  /** Something that the user must know. */
  say(text: string): void
}

/** Reads one shard, in order. */
export class ShardReader {
  #iterator: string | undefined
  /** Sequence number of the last record that was taken. */
  #last: string | undefined
  /** What had arrived by then was read: by the clock of the server, and when that was by our own. */
  #readUpTo: { time: number; at: number; behindMs: number } | undefined
  #pause = READ_MS
  #emptyAnswers = 0
  readonly #patience: Patience

  constructor(
    private readonly host: ReaderHost,
    private readonly shardId: string,
    private readonly start: Start
  ) {
    this.#patience = new Patience(host.clock)
  }

  /**
   * Reads until the shard is closed and empty, or past the end.
   *
   * @returns whether the shard was closed, so that it has children
   * @throws a failure that does not go away
   */
  async run(): Promise<boolean> {
    const { signal, clock } = this.host
    while (!signal.aborted) {
      try {
        this.#iterator ??= await this.#newIterator()
        const answer = await this.#read(this.#iterator)
        this.#patience.succeeded()
        const isEnough = await this.#take(answer)
        if (isEnough) return false
        this.#iterator = answer.NextShardIterator ?? undefined
        if (this.#iterator === undefined) return true
        if (this.#isAtEnd(answer)) return false
        this.#answered(answer)
      } catch (error) {
        if (signal.aborted) return false
        if ((error as Error).name === 'ExpiredIteratorException') {
          this.#iterator = undefined
          continue
        }
        this.#patience.failed(error)
        this.#pause = Math.min(this.#pause * 2, MAX_PAUSE_MS)
        this.#told(isThrottle(error), false)
      }
      await clock.sleep(this.#pause, signal)
    }
    return false
  }

  async #newIterator(): Promise<string> {
    const { host, shardId } = this
    if (this.#readUpTo !== undefined) {
      const { time, at, behindMs } = this.#readUpTo
      await tellGap(host, shardId, time, host.clock.now() - at + behindMs)
    }
    const from: Start =
      this.#last === undefined
        ? this.start
        : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: this.#last }
    const input = { ...nameOf(host.target), ShardId: shardId, ...from } as GetShardIteratorCommandInput
    const { ShardIterator } = await host.request(({ sdk, client }) =>
      client.send(new sdk.GetShardIteratorCommand(input), { abortSignal: host.signal })
    )
    return ShardIterator!
  }

  async #read(iterator: string): Promise<GetRecordsOutput> {
    const { target, signal } = this.host
    const name = nameOf(target)
    return this.host.request(({ sdk, client }) => {
      const command = new sdk.GetRecordsCommand({
        ...('StreamARN' in name ? name : undefined),
        ShardIterator: iterator
      })
      // The SDK would try again at once and unseen, where a throttled shard is to be read more slowly.
      command.middlewareStack.add(next => args => next(args), {
        name: 'retryMiddleware',
        override: true,
        priority: 'high',
        step: 'finalizeRequest'
      })
      return client.send(command, { abortSignal: signal })
    })
  }

  /** Hands the records on. Returns whether one came later than what is wanted, or no more are wanted. */
  async #take({ Records: records = [] }: GetRecordsOutput): Promise<boolean> {
    const { until } = this.host
    const end = until === undefined ? -1 : records.findIndex(record => arrival(record) > until)
    const wanted = end < 0 ? records : records.slice(0, end)
    const answer = wanted.length > 0 ? await this.host.take(this.shardId, wanted) : undefined
    this.#last = records.at(-1)?.SequenceNumber ?? this.#last
    return end >= 0 || answer === 'enough'
  }

  #isAtEnd({ MillisBehindLatest: behindMs = 0 }: GetRecordsOutput): boolean {
    const { until } = this.host
    return until !== undefined && this.host.serverTime() - behindMs > until
  }

  /** Chooses the time until the next reading. */
  #answered({ Records: records = [], MillisBehindLatest: behindMs = 0 }: GetRecordsOutput): void {
    const { host } = this
    this.#readUpTo = { time: host.serverTime() - behindMs, at: host.clock.now(), behindMs }
    this.#emptyAnswers = records.length > 0 || behindMs > 0 ? 0 : this.#emptyAnswers + 1
    const steps = Math.max(this.#emptyAnswers - IDLE_ANSWERS, 0)
    this.#pause = behindMs > 0 ? BEHIND_MS : Math.min(READ_MS + steps * IDLE_STEP_MS, MAX_IDLE_MS)
    this.#told(false, steps > 0)
  }

  #told(isThrottled: boolean, isIdle: boolean): void {
    this.host.paced(this.shardId, { behindMs: this.#readUpTo?.behindMs ?? 0, isThrottled, isIdle })
  }
}

function arrival({ ApproximateArrivalTimestamp: time }: _Record): number {
  return time?.getTime() ?? -Infinity
}
