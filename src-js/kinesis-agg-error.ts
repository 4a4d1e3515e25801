/** The stable codes of the errors that this package makes. */
export type ErrorCode =
  | 'ERR_INVALID_CHECKSUM'
  | 'ERR_MALFORMED_RECORD'
  | 'ERR_RECORD_TOO_LARGE'
  | 'ERR_RECORD_DOES_NOT_FIT'
  | 'ERR_MISSING_DATA'
  | 'ERR_MISSING_PARTITION_KEY'
  | 'ERR_INVALID_PARTITION_KEY'
  | 'ERR_INVALID_HASH_KEY'
  | 'ERR_INVALID_SHARDS'
  | 'ERR_NO_RECORDS'
  | 'ERR_DEADLINE'
  | 'ERR_UNSUPPORTED_PLATFORM'
  | 'ERR_RECORD_EXPIRED'
  | 'ERR_PUT_REJECTED'
  | 'ERR_ACCESS_DENIED'
  | 'ERR_STREAM_NOT_FOUND'
  | 'ERR_THROTTLED'
  | 'ERR_BUFFER_FULL'
  | 'ERR_MISSING_STREAM'
  | 'ERR_PRODUCER_CLOSED'
  | 'ERR_PRODUCER_ABORTED'
  | 'ERR_PUT_INCOMPLETE'
  | 'ERR_FLUSH_INCOMPLETE'
  | 'ABORT_ERR'

/**
 * What every function of this package throws or hands to a callback, but for arguments of the wrong kind:
 * those are a `TypeError` with the code `ERR_INVALID_ARG_TYPE`.
 */
export class KinesisAggError extends Error {
  /** Stable; match on it rather than on the message. */
  declare readonly code: ErrorCode
  /** Of the Kinesis record that the error is about, where there is one. */
  declare readonly sequenceNumber?: string
  /** The record that the error is about, as it was passed in. */
  declare readonly record?: unknown
  /** Position in its aggregated record of the user record that the error is about, where it is about one. */
  declare readonly subSequenceNumber?: number

  /** @internal */
  constructor(
    code: ErrorCode,
    message: string,
    about?: { record?: unknown; sequenceNumber?: string | undefined; subSequenceNumber?: number | undefined }
  ) {
    super(message)
    Object.assign(this, { code })
    // Not enumerable: a logged error should not print a megabyte of data.
    if (about !== undefined) {
      define(this, 'record', about.record)
      if (about.sequenceNumber !== undefined) define(this, 'sequenceNumber', about.sequenceNumber)
      if (about.subSequenceNumber !== undefined) define(this, 'subSequenceNumber', about.subSequenceNumber)
    }
  }
}

// On the prototype, as built-in errors have it: JSON and inspect do not repeat it.
define(KinesisAggError.prototype, 'name', 'KinesisAggError')

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false })
}
