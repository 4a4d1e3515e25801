import { KinesisAggError } from './kinesis-agg-error'

export { KinesisAggError, type ErrorCode } from './kinesis-agg-error'

/** In the place of a number, for a record that was passed alone. */
export const ALONE = -1

/**
 * The name of a record in an error's text.
 *
 * @param number its place in the caller's list, or {@link ALONE}
 */
export function nameOf(number: number): string {
  return number === ALONE ? 'record' : `records[${number}]`
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

/** Makes an error without the cost of a stack: for errors that come by the thousand, and are told, not thrown. */
export function withoutStack<E>(make: () => E): E {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return make()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}
