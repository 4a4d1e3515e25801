import { invalidArgument } from '../errors'
import type { KinesisClientLike, KinesisProducerOptions, StreamOptions } from './types'

const MIB = 1 << 20
/** What Kinesis takes at most in one record of a stream that allows it. */
const MAX_RECORD_BYTES = 10 * MIB

/** {@link StreamOptions} with every default in its place. */
export interface StreamSettings {
  readonly aggregation: true | 'key' | false
  readonly kclReaders: boolean
  readonly ordered: boolean
  readonly lingerMs: number
  readonly maxAggregateBytes: number
  readonly maxAggregateRecords: number
  readonly maxRecordBytes: number
  readonly recordDistribution: 'detect' | 'USER_PARTITION_KEY' | 'AUTO'
  readonly recordTtlMs: number
  readonly rateLimit: number
  readonly failThrottled: boolean
}

/** The options of a producer with every default in its place. */
export interface ProducerSettings {
  readonly client: KinesisClientLike | undefined
  readonly clientConfig: object
  readonly stream: string | undefined
  readonly streamSettings: StreamSettings
  readonly maxPendingBytes: number
  readonly maxPendingRecords: number
  readonly maxInFlight: number
  readonly requestTimeoutMs: number
  readonly permanentErrorGraceMs: number
}

const DEFAULTS: StreamSettings = {
  aggregation: true,
  kclReaders: true,
  ordered: true,
  lingerMs: 100,
  maxAggregateBytes: 262_144,
  maxAggregateRecords: 0xffff_ffff,
  maxRecordBytes: MIB,
  recordDistribution: 'detect',
  recordTtlMs: 120_000,
  rateLimit: 1,
  failThrottled: false
}

/**
 * @param base what holds for options that are not given
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 */
export function readStreamOptions(given: StreamOptions | undefined, base = DEFAULTS): StreamSettings {
  const options = given ?? {}
  if (typeof options !== 'object') throw invalidArgument('options', 'an object', options)
  const ordering = oneOf(options, 'ordering', ['key', 'none'], base.ordered ? 'key' : 'none')
  const onThrottle = oneOf(options, 'onThrottle', ['retry', 'fail'], base.failThrottled ? 'fail' : 'retry')
  return {
    aggregation: oneOf(options, 'aggregation', [true, 'key', false], base.aggregation),
    kclReaders: oneOf(options, 'kclReaders', [true, false], base.kclReaders),
    ordered: ordering === 'key',
    lingerMs: number(options, 'lingerMs', 0, Infinity, base.lingerMs),
    maxAggregateBytes: integer(options, 'maxAggregateBytes', 64, MAX_RECORD_BYTES, base.maxAggregateBytes),
    maxAggregateRecords: Math.min(
      DEFAULTS.maxAggregateRecords,
      integer(options, 'maxAggregateRecords', 1, Infinity, base.maxAggregateRecords)
    ),
    maxRecordBytes: integer(options, 'maxRecordBytes', 1, MAX_RECORD_BYTES, base.maxRecordBytes),
    recordDistribution: oneOf(
      options,
      'recordDistribution',
      ['detect', 'USER_PARTITION_KEY', 'AUTO'],
      base.recordDistribution
    ),
    recordTtlMs: number(options, 'recordTtlMs', 0, Infinity, base.recordTtlMs),
    rateLimit: number(options, 'rateLimit', Number.MIN_VALUE, Infinity, base.rateLimit),
    failThrottled: onThrottle === 'fail'
  }
}

/** @throws TypeError `ERR_INVALID_ARG_TYPE` */
export function readProducerOptions(given: KinesisProducerOptions | undefined): ProducerSettings {
  const options = given ?? {}
  if (typeof options !== 'object') throw invalidArgument('options', 'an object', options)
  const { client, clientConfig, stream } = options
  if (client !== undefined && typeof (client as Partial<KinesisClientLike> | null)?.send !== 'function') {
    throw invalidArgument('options.client', 'a KinesisClient of the AWS SDK v3', client)
  }
  if (clientConfig !== undefined && (clientConfig === null || typeof clientConfig !== 'object')) {
    throw invalidArgument('options.clientConfig', 'an object', clientConfig)
  }
  if (stream !== undefined && (typeof stream !== 'string' || stream === '')) {
    throw invalidArgument('options.stream', "a stream's name or ARN", stream)
  }
  return {
    client,
    clientConfig: clientConfig ?? {},
    stream,
    streamSettings: readStreamOptions(options),
    maxPendingBytes: number(options, 'maxPendingBytes', 1, Infinity, 32 * MIB),
    maxPendingRecords: number(options, 'maxPendingRecords', 1, Infinity, 100_000),
    maxInFlight: integer(options, 'maxInFlight', 1, Infinity, 24),
    requestTimeoutMs: number(options, 'requestTimeoutMs', 1, Infinity, 6000),
    permanentErrorGraceMs: number(options, 'permanentErrorGraceMs', 0, Infinity, 10_000)
  }
}

function oneOf<T>(options: object, name: string, allowed: readonly T[], otherwise: T): T {
  const value = (options as Record<string, unknown>)[name]
  if (value === undefined) return otherwise
  if (!(allowed as readonly unknown[]).includes(value)) {
    const names = allowed.map(each => (typeof each === 'string' ? `'${each}'` : String(each)))
    throw invalidArgument(`options.${name}`, `one of ${names.join(', ')}`, value)
  }
  return value as T
}

function number(options: object, name: string, min: number, max: number, otherwise: number): number {
  const value = (options as Record<string, unknown>)[name]
  if (value === undefined) return otherwise
  if (typeof value !== 'number' || !(value >= min && value <= max)) {
    const range = min === Number.MIN_VALUE ? 'a number over 0' : `a number of at least ${min}`
    throw invalidArgument(`options.${name}`, max === Infinity ? range : `${range}, at most ${max}`, value)
  }
  return value
}

function integer(options: object, name: string, min: number, max: number, otherwise: number): number {
  const value = number(options, name, min, max, otherwise)
  if (!Number.isInteger(value) && value !== Infinity) {
    throw invalidArgument(`options.${name}`, 'an integer', value)
  }
  return value
}
