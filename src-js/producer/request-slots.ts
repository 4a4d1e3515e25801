import type { ConnectionGate } from './connection-gate'
import type { SdkCalls } from './sdk-calls'
import type { StreamPipeline } from './stream-pipeline'
import type { Streams } from './streams'

/** A request that is not answered by then counts as one that hangs. */
const OLD_MS = 1000

/** Shares the requests in flight out among the streams. */
export class RequestSlots {
  readonly #maxInFlight: number
  readonly #calls: SdkCalls
  readonly #gate: ConnectionGate
  readonly #streams: Streams

  constructor(maxInFlight: number, calls: SdkCalls, gate: ConnectionGate, streams: Streams) {
    this.#maxInFlight = maxInFlight
    this.#calls = calls
    this.#gate = gate
    this.#streams = streams
  }

  /** Whether a stream may have another request in flight. */
  isFreeFor(stream: StreamPipeline, now: number): boolean {
    const slots = Math.max(1, Math.min(this.#maxInFlight, this.#calls.maxSockets))
    const { inFlight } = this.#streams
    if (inFlight >= slots) return false
    if (this.#gate.isClosed) return inFlight === 0
    // Streams that hang leave half of the slots to others, also to those that have nothing to send yet.
    const isOld = ({ sender }: StreamPipeline): boolean => sender.oldestRequestMs(now) > OLD_MS
    const isSlow = ({ sender }: StreamPipeline): boolean => sender.isSlow(now)
    const hangs = isOld(stream) ? isOld : this.#streams.size > 1 && isSlow(stream) ? isSlow : undefined
    if (hangs === undefined) return true
    let held = 0
    for (const other of this.#streams) if (hangs(other)) held += other.requests.size
    return held < Math.max(1, slots >> 1)
  }
}
