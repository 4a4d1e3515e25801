import { backoff } from './backoff'
import type { KinesisEntry } from './kinesis-entry'
import { judgeError, namedEntries, namesStream, partsOf } from './outcome'
import { timeoutError } from './put-attempt'
import type { PutRequest } from './put-request'
import type { StreamPipeline } from './stream-pipeline'
import type { Again, UnstoredEntries } from './unstored-entries'

const MAX_THROTTLE_PAUSE_MS = 1000
/** Records over this are the first to be suspected. */
const LARGE_BYTES = 1 << 20

/** Requests that failed as a whole: by an error, or since no answer came. */
export class FailedRequests {
  readonly #stream: StreamPipeline
  readonly #unstored: UnstoredEntries
  #credentialsRefreshed = false
  #skewTried = false

  constructor(stream: StreamPipeline, unstored: UnstoredEntries) {
    this.#stream = stream
    this.#unstored = unstored
  }

  /** Something was stored: what was repaired before may be repaired again. */
  succeeded(): void {
    this.#credentialsRefreshed = this.#skewTried = false
  }

  /** No answer came in time. @param left it may have reached Kinesis */
  timedOut(request: PutRequest, left: boolean, now: number): void {
    const { limits, parts, requests } = this.#stream
    const cause = timeoutError(now - request.sentAt)
    if (left) limits.timedOut(request.bytes, requests.size + 1)
    if (left && parts.gate.timedOut()) {
      parts.warn(
        'CONNECTION_STUCK',
        'Three requests timed out without a success between: the connection may be stuck, as a shared HTTP/2 session that went mute is'
      )
    }
    const outcome = left ? 'unknown' : 'safe'
    const n = this.#unstored.countFailure(request)
    for (const entry of request.entries) {
      this.#unstored.again(entry, {
        outcome,
        cause,
        code: cause.name,
        message: cause.message,
        pauseMs: backoff(n)
      })
    }
  }

  /** The request as a whole failed. */
  failed(request: PutRequest, error: unknown, left: boolean, now: number): void {
    const { parts, limits, requests, circuit, knowledge } = this.#stream
    const { name, code, message, status } = partsOf(error)
    let verdict = judgeError(error, parts.gate.hasSucceeded)
    // Whatever it was, it was before the request left: the credentials' provider, say.
    if (!left && (verdict === 'unknown' || verdict === 'strange')) verdict = 'connect'
    const about = { cause: error, code: name || code || String(status ?? 'Error'), message }
    if (verdict === 'credentials') verdict = this.#refreshCredentials(now) ? 'credentials' : 'denied'
    if (verdict === 'skew') {
      if (this.#skewTried) verdict = 'denied'
      this.#skewTried = true
    }
    if (verdict !== 'connect') parts.gate.answered()
    switch (verdict) {
      case 'throttled': {
        limits.throttled(requests.size + 1, now)
        const pauseMs = backoff(this.#unstored.countFailure(request), MAX_THROTTLE_PAUSE_MS)
        for (const entry of request.entries) {
          this.#stream.counters.throttled++
          if (this.#stream.settings.failThrottled)
            this.#unstored.fail(entry, 'ERR_THROTTLED', { ...about, outcome: 'safe' })
          else this.#unstored.again(entry, { ...about, outcome: 'safe', pauseMs })
        }
        break
      }
      case 'connect':
        parts.gate.failed(now)
        this.#unstored.allAgain(request, { ...about, outcome: 'safe' })
        break
      case 'credentials':
      case 'skew':
        this.#unstored.allAgain(request, { ...about, outcome: 'safe' })
        break
      case 'not-found':
        circuit.failed('ERR_STREAM_NOT_FOUND', error, now)
        this.#unstored.allAgain(request, { ...about, outcome: 'permanent' })
        knowledge.forgetShards()
        break
      case 'denied':
        circuit.failed('ERR_ACCESS_DENIED', error, now)
        this.#unstored.allAgain(request, { ...about, outcome: 'permanent' })
        break
      case 'invalid':
        this.#invalid(request, about, now)
        break
      case 'too-large':
        this.#tooLarge(request, about)
        break
      default: {
        if (verdict === 'strange')
          parts.warn('UNKNOWN_ERROR', `A request failed with ${name || code}: ${message}`)
        const n = this.#unstored.countFailure(request)
        for (const entry of request.entries)
          this.#unstored.again(entry, { ...about, outcome: 'unknown', pauseMs: backoff(n) })
      }
    }
  }

  /** @returns false if that was done already, and did not help */
  #refreshCredentials(now: number): boolean {
    if (this.#credentialsRefreshed) return false
    this.#credentialsRefreshed = true
    const { parts } = this.#stream
    this.#stream.blockedUntil = now + parts.requestTimeoutMs
    const done = (): void => {
      this.#stream.blockedUntil = 0
      parts.wake()
    }
    parts.calls.refreshCredentials().then(done, done)
    return true
  }

  /** Something in the request is wrong: only what is guilty fails. */
  #invalid(request: PutRequest, about: Omit<Again, 'outcome'>, now: number): void {
    const { entries } = request
    if (namesStream(about.message)) {
      this.#stream.circuit.failed('ERR_ACCESS_DENIED', about.cause, now)
      this.#unstored.allAgain(request, { ...about, outcome: 'permanent' })
      return
    }
    const named = namedEntries(about.message, entries.length)
    if (entries.length === 1) named.add(0)
    const others: KinesisEntry[] = []
    for (const [i, entry] of entries.entries()) {
      if (named.has(i)) this.#unstored.fail(entry, 'ERR_PUT_REJECTED', { ...about, outcome: 'permanent' })
      else others.push(entry)
    }
    const groups = named.size > 0 ? [others] : suspects(others)
    for (const group of groups) {
      for (const entry of group) this.#unstored.again(entry, { ...about, outcome: 'safe', grouped: true })
      const waiting = group.filter(({ dissolved }) => !dissolved)
      if (waiting.length > 0) this.#stream.batcher.groups.push(waiting)
    }
  }

  /** Somebody on the way takes less: requests get smaller, then aggregates. Only a user record alone fails. */
  #tooLarge(request: PutRequest, about: Omit<Again, 'outcome'>): void {
    this.#stream.limits.tooLarge(request.bytes)
    const [first, ...others] = request.entries
    if (others.length > 0) this.#unstored.allAgain(request, { ...about, outcome: 'safe' })
    else if (first!.records === 1)
      this.#unstored.fail(first!, 'ERR_PUT_REJECTED', { ...about, outcome: 'permanent' })
    // One that may be stored cannot be made smaller.
    else if (first!.maybeStored) {
      this.#unstored.again(first!, { ...about, outcome: 'safe', pauseMs: backoff(first!.lane.failures++) })
    } else this.#unstored.again(first!, { ...about, outcome: 'safe' })
  }
}

/** Requests that narrow down who is guilty: large records alone, the largest first; then halves. */
function suspects(entries: readonly KinesisEntry[]): KinesisEntry[][] {
  const largest = entries.reduce<KinesisEntry | undefined>(
    (most, each) => (each.bytes > Math.max(LARGE_BYTES, most?.bytes ?? 0) ? each : most),
    undefined
  )
  if (largest !== undefined) return [[largest], entries.filter(each => each !== largest)]
  const half = entries.length >> 1
  return [entries.slice(0, half), entries.slice(half)]
}
