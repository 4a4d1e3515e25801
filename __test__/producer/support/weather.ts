/** Faults of all kinds that come and go at random. */
import type { MemoryStream } from '../../../src-js/testing/memory-stream'
import type { Random } from '../../support/random'
import { type Answer, type Call, type Endpoint, type Fault, type Reply, json, refusal } from './endpoint'
import { bodyLimit, failEntries, page, shardLimits, thinLink } from './faults'

/** Longer than any request that is stored after the producer gave up on it. */
export const LATEST_MS = 4000

const later = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

export interface Streams {
  names: readonly string[]
  /** Those that were deleted too. */
  ever: MemoryStream[]
}

export function createStreams(endpoint: Endpoint, names: readonly string[], random: Random): Streams {
  const ever = names.map(name =>
    endpoint.create(name, {
      shards: 1 + random.below(5),
      recordDistribution: random.below(8) === 0 ? 'AUTO' : 'USER_PARTITION_KEY'
    })
  )
  return { names, ever }
}

export interface WeatherOptions {
  /** Told of each change. */
  log?: ((what: string) => void) | undefined
  /** Stops the producer's process for so long. Without it, it never stops. */
  stop?: (ms: number) => void
}

/** The faults of the moment. */
export class Weather {
  /** Streams whose distribution Kinesis managed at some time. */
  readonly unordered = new Set<string>()
  readonly #endpoint: Endpoint
  readonly #streams: Streams
  readonly #random: Random
  readonly #log: (what: string) => void
  /** Listings as they were, by stream, while maps are stale. */
  readonly #stale = new Map<string, Answer>()
  /** A stream, and the number of calls before it was deleted. */
  #deleted: { name: string; calls: number } | undefined
  #nextChange = 0
  #nextReshard = 500

  constructor(
    endpoint: Endpoint,
    streams: Streams,
    random: Random,
    { log = () => {}, stop }: WeatherOptions = {}
  ) {
    this.#endpoint = endpoint
    this.#streams = streams
    this.#random = random
    this.#log = log
    if (stop !== undefined) this.#kinds['stopped'] = () => stop(this.#random.below(3000))
    for (const { name, recordDistribution } of streams.ever)
      if (recordDistribution === 'AUTO') this.unordered.add(name)
  }

  /**
   * Deleting a stream takes Kinesis a while. Were it made again before anybody was told of it, nothing would tell its
   * shards from those of the same names before.
   */
  #waitsForNotFound(): boolean {
    if (this.#deleted === undefined) return false
    const { name, calls } = this.#deleted
    return !this.#endpoint.calls
      .slice(calls)
      .some(
        ({ action, input, reply }) =>
          action === 'PutRecords' && input.StreamName === name && reply !== undefined
      )
  }

  calm(): void {
    this.#deleted = undefined
    this.#stale.clear()
    this.#endpoint.kinesis.refuse = () => undefined
    this.#set({})
    for (const name of this.#streams.names) if (!this.#endpoint.kinesis.streams.has(name)) this.#create(name)
  }

  without(kind: string): void {
    delete this.#kinds[kind]
  }

  /** Brings what is due after so many milliseconds. */
  at(now: number): void {
    if (now >= this.#nextChange) {
      this.#change()
      this.#nextChange = now + 200 + this.#random.below(1500)
    }
    if (now >= this.#nextReshard) {
      this.#reshard()
      this.#nextReshard = now + 100 + this.#random.below(2500)
    }
  }

  #change(): void {
    if (this.#waitsForNotFound()) return
    this.calm()
    const kinds = Object.keys(this.#kinds)
    const kind = this.#random.pick(kinds)
    this.#log(kind)
    this.#kinds[kind]!()
  }

  /** Splits or merges; sometimes twice, so that a shard opens and closes between two maps. */
  #reshard(): void {
    const stream = this.#endpoint.kinesis.streams.get(this.#random.pick(this.#streams.names))
    if (stream === undefined) return
    if (this.#random.below(3) === 0) void this.#keepListing(stream.name)
    for (let i = 1 + this.#random.below(2); i > 0; i--) {
      const open = stream.openShards
      const { id } = this.#random.pick(open)
      if (open.length > 1 && (open.length > 8 || this.#random.below(2) === 0)) stream.merge(id)
      else stream.split(id)
    }
    this.#log(`${stream.name}: ${stream.openShards.length} shards`)
  }

  /** Maps stay as they are for 2 s. */
  async #keepListing(StreamName: string): Promise<void> {
    const input = { StreamName }
    this.#stale.set(StreamName, json(this.#endpoint.kinesis.answer('ListShards', input)))
    await later(2000)
    this.#stale.delete(StreamName)
  }

  readonly #kinds: Record<string, () => void> = {
    calm: () => {},
    'entries throttled': () =>
      this.#set({ PutRecords: this.#some(3, this.#entries('ProvisionedThroughputExceededException')) }),
    'entries fail inside': () => this.#set({ PutRecords: this.#some(2, this.#entries('InternalFailure')) }),
    'entries refused with an unknown code': () =>
      this.#set({ PutRecords: this.#some(3, this.#entries('StrangeException')) }),
    'entries invalid': () =>
      this.#set({ PutRecords: this.#some(10, this.#entries('InvalidArgumentException')) }),
    'requests throttled': () =>
      this.#set({ PutRecords: this.#some(2, () => refusal('ThrottlingException')) }),
    'shard limits': () => {
      this.#endpoint.kinesis.refuse = shardLimits(0.05)
    },
    'answers dropped': () =>
      this.#set({
        PutRecords: this.#some(
          2,
          this.#stored(() => 'drop')
        )
      }),
    'requests dropped': () => this.#set({ PutRecords: this.#some(2, () => 'drop') }),
    '500': () =>
      this.#set({
        PutRecords: this.#some(
          2,
          this.#stored(() => refusal('InternalFailure', 'no', 500))
        )
      }),
    '503': () => this.#set({ PutRecords: this.#some(2, () => page(503)) }),
    garbage: () =>
      this.#set({
        PutRecords: this.#some(
          4,
          this.#stored(() => page(200))
        )
      }),
    'short answers': () => this.#set({ PutRecords: this.#some(4, this.#short) }),
    mute: () => this.#set({ PutRecords: () => 'mute' }),
    'mute after storing': () =>
      this.#set({
        PutRecords: this.#some(
          3,
          this.#stored(() => 'mute')
        )
      }),
    'one stream mute': () => {
      const name = this.#random.pick(this.#streams.names)
      this.#set({ PutRecords: ({ input }) => (input.StreamName === name ? 'mute' : undefined) })
    },
    'stored too late': () =>
      this.#set({
        PutRecords: this.#some(3, async () => {
          await later(this.#random.below(LATEST_MS - 500))
          return undefined
        })
      }),
    slow: () =>
      this.#set({
        PutRecords: async () => {
          await later(this.#random.below(300))
          return undefined
        }
      }),
    'access denied': () => this.#set({ PutRecords: () => refusal('AccessDeniedException') }),
    'token expired': () => this.#set({ PutRecords: this.#some(2, () => refusal('ExpiredTokenException')) }),
    'a thin link': () => {
      const PutRecords = thinLink(20_000 + this.#random.below(100_000), LATEST_MS - 500)
      this.#set({ PutRecords })
    },
    '413': () => this.#set({ PutRecords: bodyLimit(20_000 + this.#random.below(200_000)) }),
    'map fails': () => this.#set({ ListShards: () => refusal('InternalFailure', 'no', 500) }),
    'map throttled': () => this.#set({ ListShards: () => refusal('LimitExceededException') }),
    'map denied': () => this.#set({ ListShards: () => refusal('AccessDeniedException') }),
    'map mute': () => this.#set({ ListShards: () => 'mute' }),
    'all mute': () =>
      this.#set({ PutRecords: () => 'mute', ListShards: () => 'mute', DescribeStreamSummary: () => 'mute' }),
    'deleted, later made again': () => {
      const name = this.#random.pick(this.#streams.names)
      this.#endpoint.kinesis.streams.delete(name)
      this.#deleted = { name, calls: this.#endpoint.calls.length }
    },
    AUTO: () => {
      const stream = this.#endpoint.kinesis.streams.get(this.#random.pick(this.#streams.names))
      if (stream === undefined || !this.#isMapped(stream)) return
      stream.recordDistribution = 'AUTO'
      this.unordered.add(stream.name)
    }
  }

  /** Without a map, and with `'key'`, which needs none, nothing tells that a stream was switched to AUTO amid the run. */
  #isMapped(stream: MemoryStream): boolean {
    return this.#endpoint.of('ListShards').some(({ reply }) => {
      if (typeof reply !== 'object' || 'cut' in reply || reply.status !== 200) return false
      return stream.shards.some(shard => reply.body.includes(shard.startingSequenceNumber))
    })
  }

  #create(name: string): void {
    this.#streams.ever.push(this.#endpoint.create(name, { shards: 1 + this.#random.below(5) }))
  }

  #set(faults: Partial<Record<string, Fault>>): void {
    const { ListShards } = faults
    this.#endpoint.faults = {
      ...faults,
      ListShards: (call, store) => ListShards?.(call, store) ?? this.#stale.get(String(call.input.StreamName))
    }
  }

  /** A fault for one call of so many. */
  #some(of: number, fault: Fault): Fault {
    return (call, store) => (this.#random.below(of) === 0 ? fault(call, store) : undefined)
  }

  #entries(code: string): Fault {
    return (call, store) => failEntries(() => (this.#random.below(2) === 0 ? code : undefined))(call, store)
  }

  #stored(reply: () => Reply): Fault {
    return async (_, store) => {
      await store()
      return reply()
    }
  }

  readonly #short: Fault = async (_: Call, store) => {
    const body = JSON.parse(String((await store()).body)) as { Records?: object[] }
    const results = body.Records ?? []
    return json({ FailedRecordCount: 0, Records: results.slice(0, this.#random.below(results.length + 1)) })
  }
}
