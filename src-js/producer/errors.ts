import { KinesisAggError } from '../kinesis-agg-error'
import type { Attempt, ProducerRecord } from './types'

/**
 * Why a record failed. In all cases {@link PutError.maybeStored} says whether it may be stored all the same.
 *
 * Refused when it was given, before anything of it was taken (`attempts` is 0):
 *
 * - `ERR_BUFFER_FULL`: `maxPendingRecords` or `maxPendingBytes` are reached, or its stream or its lane holds half of them
 *   while others have records too, or those streams do of whose records none was stored for two seconds. Wait for `drained()` before you put more.
 * - `ERR_PRODUCER_CLOSED`: `close()` or `abort()` was called before.
 * - `ERR_MISSING_STREAM`: neither the record, the handle nor the producer names a stream.
 * - `ERR_RECORD_TOO_LARGE`: key and data have more bytes than `maxRecordBytes`, or than the stream takes.
 * - `ERR_MISSING_DATA`: the data is `null` or `undefined`. Empty data is data.
 * - `ERR_INVALID_PARTITION_KEY`: over 256 characters (code points).
 * - `ERR_INVALID_HASH_KEY`: the explicit hash key is no integer from 0 to 2^128 - 1, or an unsafe number.
 * - `ERR_MISSING_PARTITION_KEY`: never by a producer, which chooses a shard for a record without a key.
 *
 * After it was taken:
 *
 * - `ERR_RECORD_EXPIRED`: it was not stored within `recordTtlMs`; `cause` is the last error that kept it. In the `errors` of
 *   `wrapHandler`: it was not stored when the time of the invocation was up, and is still being delivered.
 * - `ERR_PUT_REJECTED`: Kinesis refuses this very record (`InvalidArgumentException` and the like, or 413 for it alone), or
 *   three answers in a row said nothing about it.
 * - `ERR_ACCESS_DENIED`: requests are refused for a reason that does not go away by itself (credentials, policy, KMS key,
 *   certificate, proxy), and did so for `permanentErrorGraceMs`. Until a request gets through, later records fail at once.
 * - `ERR_STREAM_NOT_FOUND`: the same, since there is no such stream.
 * - `ERR_THROTTLED`: Kinesis refused it for load. Only with `onThrottle: 'fail'`.
 * - `ERR_PRODUCER_ABORTED`: it was not settled when `abort()` was called, or the time of `close({ timeoutMs })` was up;
 *   `cause` is the reason that was given.
 * - `ABORT_ERR` (`name` is `AbortError`): the `signal` of `put` or `putAll` took it back, or `forwardEvent` did; `cause` is
 *   the signal's reason. Also if the signal was aborted before.
 */
export type PutErrorCode =
  | 'ERR_RECORD_EXPIRED'
  | 'ERR_PUT_REJECTED'
  | 'ERR_ACCESS_DENIED'
  | 'ERR_STREAM_NOT_FOUND'
  | 'ERR_THROTTLED'
  | 'ERR_BUFFER_FULL'
  | 'ERR_PRODUCER_CLOSED'
  | 'ERR_PRODUCER_ABORTED'
  | 'ERR_RECORD_TOO_LARGE'
  | 'ERR_MISSING_STREAM'
  | 'ERR_MISSING_DATA'
  | 'ERR_MISSING_PARTITION_KEY'
  | 'ERR_INVALID_PARTITION_KEY'
  | 'ERR_INVALID_HASH_KEY'
  | 'ABORT_ERR'

const MESSAGES: Partial<Record<PutErrorCode, string>> = {
  ERR_RECORD_EXPIRED: 'The record was not stored within recordTtlMs',
  ERR_PUT_REJECTED: 'Kinesis refuses the record',
  ERR_ACCESS_DENIED: 'Kinesis refuses the requests of this producer',
  ERR_STREAM_NOT_FOUND: 'There is no such stream',
  ERR_THROTTLED: 'Kinesis refused the record for load',
  ERR_BUFFER_FULL: 'Too many records are pending',
  ERR_PRODUCER_CLOSED: 'The producer is closed',
  ERR_PRODUCER_ABORTED: 'The producer was aborted before the record was stored',
  ERR_MISSING_STREAM: 'Neither the record nor the producer names a stream',
  ABORT_ERR: 'The put was aborted'
}

/** What a {@link PutError} tells of its record. */
export interface Failure {
  stream: string
  cause?: unknown
  shardId?: string | undefined
  attempts?: number
  lastAttempts?: Attempt[]
  maybeStored?: boolean
  context?: unknown
}

/**
 * A record that was not delivered, as far as the producer knows. `cause` is the error of Kinesis, of the SDK or of the network
 * that kept it, where there was one; it is not enumerable. No message has data of the record.
 */
export class PutError extends KinesisAggError {
  /** Why; see {@link PutErrorCode}. Stable. */
  declare readonly code: PutErrorCode
  /** Name or ARN of the stream, `''` if none was named. */
  readonly stream: string
  /** The shard that the record was to go to when it failed; absent if it was not known. */
  readonly shardId?: string
  /** Requests that carried the record; 0: it never left. */
  readonly attempts: number
  /** What became of the last ones, at most 10, the latest last. */
  readonly lastAttempts: Attempt[]
  /** An attempt may be stored after all: readers may see the record. `false` is a promise that it is not. */
  readonly maybeStored: boolean
  /** Passed through unchanged from the record. */
  readonly context?: unknown
  /** The record, with its data; not enumerable. Of an accepted record a copy. */
  declare readonly record: ProducerRecord

  /** @internal */
  constructor(code: PutErrorCode, record: unknown, failure: Failure, message?: string) {
    const cause = failure.cause instanceof Error ? `: ${failure.cause.name}: ${failure.cause.message}` : ''
    super(code, message ?? `${MESSAGES[code] ?? code}${cause}`, { record })
    if (failure.cause !== undefined) {
      Object.defineProperty(this, 'cause', {
        value: failure.cause,
        writable: true,
        configurable: true,
        enumerable: false
      })
    }
    if (code === 'ABORT_ERR') Object.defineProperty(this, 'name', { value: 'AbortError', configurable: true })
    this.stream = failure.stream
    if (failure.shardId !== undefined) this.shardId = failure.shardId
    this.attempts = failure.attempts ?? 0
    this.lastAttempts = failure.lastAttempts ?? []
    this.maybeStored = failure.maybeStored ?? false
    if (failure.context !== undefined) this.context = failure.context
  }
}
Object.defineProperty(PutError.prototype, 'name', { value: 'PutError', writable: true, configurable: true })

/** At most so many errors are kept for an {@link IncompleteError}. */
export const MAX_ERRORS = 100

/** Some records of many were not delivered: `putAll`, `flush`, `close` or a handler of `wrapHandler` rejects with it. */
export class IncompleteError extends KinesisAggError {
  /** `ERR_PUT_INCOMPLETE` of `putAll`, `ERR_FLUSH_INCOMPLETE` of the others. */
  declare readonly code: 'ERR_PUT_INCOMPLETE' | 'ERR_FLUSH_INCOMPLETE'
  /**
   * Of `putAll`: its records that are stored. Of `flush` and `close`: the records that were pending when it was called, and
   * are stored, however they were put. Of `wrapHandler`: the records of the invocation that are stored.
   */
  readonly delivered: number
  /**
   * Of `putAll`: its records that failed, those that were refused included. Of `flush` and `close`: written records that
   * failed while it waited for them, or earlier with nobody to listen to `'failed'`; a failed `put` is told by its promise
   * alone. Of `wrapHandler`: the written records of the invocation that failed, and all that are left.
   */
  readonly failed: number
  /** Of the failed records, the first 100. */
  readonly errors: PutError[]

  /** @internal */
  constructor(code: IncompleteError['code'], delivered: number, failed: number, errors: PutError[]) {
    super(code, `${failed} of ${delivered + failed} records were not delivered: ${errors[0]?.message ?? ''}`)
    this.delivered = delivered
    this.failed = failed
    this.errors = errors
  }
}
Object.defineProperty(IncompleteError.prototype, 'name', {
  value: 'IncompleteError',
  writable: true,
  configurable: true
})
