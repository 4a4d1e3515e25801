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
  | 'ERR_UNSUPPORTED_PLATFORM'

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

  /** @internal */
  constructor(
    code: ErrorCode,
    message: string,
    about?: { record?: unknown; sequenceNumber?: string | undefined }
  ) {
    super(message)
    Object.assign(this, { code })
    // Not enumerable: a logged error should not print a megabyte of data.
    if (about !== undefined) {
      define(this, 'record', about.record)
      if (about.sequenceNumber !== undefined) define(this, 'sequenceNumber', about.sequenceNumber)
    }
  }
}

// On the prototype, as built-in errors have it: JSON and inspect do not repeat it.
define(KinesisAggError.prototype, 'name', 'KinesisAggError')

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false })
}

/** An argument of the wrong kind. */
export function invalidArgument(name: string, expected: string, actual: unknown): TypeError {
  const error = new TypeError(`${name} must be ${expected}, got ${describe(actual)}`)
  return Object.assign(error, { code: 'ERR_INVALID_ARG_TYPE' })
}

function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `'${value.length > 40 ? `${value.slice(0, 40)}…` : value}' (a string)`
    case 'number':
    case 'boolean':
      return `${value} (a ${typeof value})`
    case 'bigint':
      return `${value}n (a bigint)`
    case 'function':
      return 'a function'
    case 'symbol':
      return 'a symbol'
    case 'undefined':
      return 'undefined'
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? 'an array' : `an object (${className(value)})`
  }
}

function className(value: object): string {
  const { constructor } = value
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'Object'
}

/** A user record without data. */
export function missingData(record: unknown): KinesisAggError {
  return new KinesisAggError('ERR_MISSING_DATA', 'Record.Data field is mandatory', { record })
}

/** A user record without a partition key. */
export function missingPartitionKey(record: unknown): KinesisAggError {
  return new KinesisAggError('ERR_MISSING_PARTITION_KEY', 'record.partitionKey field is mandatory', {
    record
  })
}

/** A user record that not even an empty aggregate has room for. */
export function tooLarge(
  record: unknown,
  partitionKey: string,
  explicitHashKey: string | undefined,
  bytes: number
): KinesisAggError {
  const message =
    `Input record (PK=${shown(partitionKey)}, EHK=${shown(explicitHashKey)}, SizeBytes=${bytes})` +
    ' is too large to fit inside a single Kinesis record.'
  return new KinesisAggError('ERR_RECORD_TOO_LARGE', message, { record })
}

/** A key may be what is too large: no string has room for the longest ones and more. 256 is Kinesis' limit. */
function shown(key: string | undefined): string | undefined {
  return key !== undefined && key.length > 256 ? `${key.slice(0, 256)}…` : key
}
