import type { KinesisEntry } from './kinesis-entry'
import { type AttemptEnd, PutAttempt, timeoutError } from './put-attempt'
import type { PutRequest } from './put-request'
import type { StreamId } from './sdk-calls'
import { putUnits } from './stats'
import type { StreamPipeline } from './stream-pipeline'
import { traceEnd, traceError, traceStart } from './tracing'

/** A request that is not answered by then may be one that hangs. */
const SUSPICIOUS_MS = 50

/** Sends the requests of a stream, and knows those that are in flight. */
export class RequestSender {
  /** In flight, the oldest first. */
  readonly requests = new Set<PutRequest>()
  readonly #stream: StreamPipeline
  readonly #id: StreamId
  readonly #ended: (request: PutRequest, end: AttemptEnd) => void
  /** Sent while the stream's circuit is open, to find out whether anything gets through. */
  #probe: PutRequest | undefined
  /** Smoothed. */
  #roundTripMs = 0

  constructor(stream: StreamPipeline, id: StreamId, ended: (request: PutRequest, end: AttemptEnd) => void) {
    this.#stream = stream
    this.#id = id
    this.#ended = ended
  }

  /** Sends a request; `ended` tells what became of it. */
  send(entries: readonly KinesisEntry[], now: number): void {
    const { name, counters, circuit, limits, shards, parts } = this.#stream
    const { calls, clock, table } = parts
    let bytes = 0
    let attempt = 0
    for (const entry of entries) {
      bytes += entry.bytes
      entry.life = shards.life
      entry.attempts++
      // Records that were sent before are the oldest of a Kinesis record that was made anew.
      if (entry.attempts > 1 || table.attempts[entry.slot(0)]! > 0) counters.retried++
      attempt = Math.max(attempt, entry.attempts)
      counters.putUnits += putUnits(entry.bytes)
    }
    counters.requests++
    counters.kinesisRecords += entries.length
    counters.bytes += bytes
    const context = traceStart({ stream: name, records: entries.length, bytes, attempt })
    const request: PutRequest = {
      entries,
      bytes,
      sentAt: now,
      attempt: new PutAttempt(clock, end => {
        if (end.kind === 'error') traceError(context, end.error)
        else if (end.kind === 'timeout') traceError(context, timeoutError(clock.now() - now))
        traceEnd(context)
        this.#end(request, end)
      })
    }
    this.requests.add(request)
    if (circuit.isOpen) this.#probe = request
    const input = { ...this.#id, Records: entries.map(entry => entry.input) } as never
    request.attempt.start(
      (progress, signal) => calls.putRecords(input, progress, signal),
      limits.timeFor(bytes)
    )
  }

  #end(request: PutRequest, end: AttemptEnd): void {
    this.requests.delete(request)
    const took = this.#stream.parts.clock.now() - request.sentAt
    this.#roundTripMs += (took - this.#roundTripMs) / (this.#roundTripMs === 0 ? 1 : 8)
    if (this.#probe === request) this.#probe = undefined
    this.#ended(request, end)
  }

  get isProbing(): boolean {
    return this.#probe !== undefined
  }

  /** Whether its requests take suspiciously long, so that others should not wait for them. */
  isSlow(now: number): boolean {
    const age = this.oldestRequestMs(now)
    return age > Math.min(1000, Math.max(SUSPICIOUS_MS, 3 * this.#roundTripMs))
  }

  oldestRequestMs(now: number): number {
    for (const { sentAt } of this.requests) return now - sentAt
    return 0
  }
}
