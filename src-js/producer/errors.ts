import { KinesisAggError } from '../kinesis-agg-error'
import type { Attempt, ProducerRecord } from './types'

/** Why a record failed. */
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

/** A record that was not delivered, as far as the producer knows. */
export class PutError extends KinesisAggError {
  declare readonly code: PutErrorCode
  /** Name or ARN of the stream, `''` if none was named. */
  readonly stream: string
  /** Where the record was to go, or went. */
  readonly shardId?: string
  /** Requests that carried the record. */
  readonly attempts: number
  /** The last ones, at most 10. */
  readonly lastAttempts: Attempt[]
  /** An attempt may be stored after all. `false` is a promise. */
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

/** Some records of many were not delivered. */
export class IncompleteError extends KinesisAggError {
  declare readonly code: 'ERR_PUT_INCOMPLETE' | 'ERR_FLUSH_INCOMPLETE'
  readonly delivered: number
  readonly failed: number
  /** The first 100. */
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

/** Makes an error without the cost of a stack, which would show nothing but timers. */
export function withoutStack<E>(make: () => E): E {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return make()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}
