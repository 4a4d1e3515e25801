import { type StreamSettings, readStreamOptions } from './options'
import type { ProducerParts } from './producer-parts'
import { STALLED_MS, StreamPipeline } from './stream-pipeline'
import type { StreamOptions } from './types'

/** Streams that nobody used for so long are forgotten. */
const UNUSED_MS = 30 * 60_000

/** The streams of a producer by their names, and their options. */
export class Streams {
  readonly #parts: ProducerParts
  readonly #defaults: StreamSettings
  readonly #settings = new Map<string, StreamSettings>()
  readonly #streams = new Map<string, StreamPipeline>()
  #last: StreamPipeline | undefined

  /** @param defaults options of streams that have none of their own */
  constructor(parts: ProducerParts, defaults: StreamSettings) {
    this.#parts = parts
    this.#defaults = defaults
  }

  get size(): number {
    return this.#streams.size
  }

  /** Requests in flight of all streams. */
  get inFlight(): number {
    let requests = 0
    for (const stream of this) requests += stream.requests.size
    return requests
  }

  [Symbol.iterator](): IterableIterator<StreamPipeline> {
    return this.#streams.values()
  }

  /** The stream of that name, if there is one. */
  find(name: string): StreamPipeline | undefined {
    return this.#streams.get(name)
  }

  /** The stream of that name, from now on. */
  get(name: string): StreamPipeline {
    const last = this.#last
    if (last !== undefined && last.name === name) return last
    return (this.#last = this.#streams.get(name) ?? this.#make(name))
  }

  #make(name: string): StreamPipeline {
    this.#forgetUnused()
    this.#warnIfTwice(name)
    const stream = new StreamPipeline(name, this.#settings.get(name) ?? this.#defaults, this.#parts)
    stream.lastUsed = this.#parts.clock.now()
    this.#streams.set(name, stream)
    return stream
  }

  /**
   * Whether a stream may have another record, for all those of which nothing is stored: however many they are, they leave
   * half of the limits to streams that get on.
   *
   * @param bytes of the record
   * @param now in running time
   */
  leaveRoom(stream: StreamPipeline, bytes: number, now: number): boolean {
    if (!stream.isStalled(now)) return true
    let heldRecords = 0
    let heldBytes = bytes
    let othersGetOn = false
    for (const each of this) {
      if (each.isStalled(now)) {
        heldRecords += each.pendingRecords
        heldBytes += each.pendingBytes
      } else if (now - each.movedAt < STALLED_MS) othersGetOn = true
    }
    return !othersGetOn || this.#parts.pending.isWithinHalf(heldRecords, heldBytes)
  }

  /** The options of a stream, from now on. */
  configure(name: string, options: StreamOptions): void {
    const before = this.#settings.get(name) ?? this.#defaults
    const settings = readStreamOptions(options, before)
    this.#settings.set(name, settings)
    const names = Object.keys(settings) as (keyof StreamSettings)[]
    if (names.some(each => settings[each] !== before[each])) this.#streams.get(name)?.configure(settings)
  }

  #forget(stream: StreamPipeline): void {
    stream.knowledge.stop()
    this.#streams.delete(stream.name)
    if (this.#last === stream) this.#last = undefined
  }

  #forgetUnused(): void {
    const before = this.#parts.clock.now() - UNUSED_MS
    for (const stream of this) if (!stream.isActive && stream.lastUsed < before) this.#forget(stream)
  }

  #warnIfTwice(name: string): void {
    const plain = plainName(name)
    for (const other of this.#streams.keys()) {
      if (plainName(other) === plain && name.startsWith('arn:') !== other.startsWith('arn:')) {
        this.#parts.warn(
          'STREAM_NAMED_TWICE',
          `The stream ${plain} is named by its name and by its ARN: order and pacing are kept for each by itself`
        )
        return
      }
    }
  }
}

/** The name at the end of an ARN. */
function plainName(name: string): string {
  return name.startsWith('arn:') ? name.slice(name.lastIndexOf('/') + 1) : name
}
