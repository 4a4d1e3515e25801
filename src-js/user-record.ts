import { viewOf } from './bytes'
import { KinesisAggError, invalidArgument, missingData, missingPartitionKey } from './errors'

/** A user record with its parts under one name each; every property of the input was read once. */
export interface OpenUserRecord {
  partitionKey: string
  explicitHashKey: string | undefined
  data: string | Buffer
  record: unknown
}

/**
 * Reads a user record of any form.
 *
 * @throws KinesisAggError `ERR_MISSING_DATA`, `ERR_MISSING_PARTITION_KEY`; with `strict` also
 * `ERR_INVALID_PARTITION_KEY`, `ERR_INVALID_HASH_KEY`
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 */
export function openUserRecord(input: unknown, strict: boolean): OpenUserRecord {
  if (input === null || typeof input !== 'object') throw invalidArgument('record', 'a user record', input)
  const record = input as Record<string, unknown>
  const data = record['data'] ?? record['Data']
  if (data === undefined || data === null) throw missingData(input)
  const partitionKey = readPartitionKey(record['partitionKey'] ?? record['PartitionKey'], input)
  const explicitHashKey = readHashKey(
    record['explicitHashKey'] ?? record['explicitPartitionKey'] ?? record['ExplicitHashKey']
  )
  if (strict) {
    checkPartitionKey(partitionKey, input)
    if (explicitHashKey !== undefined) checkHashKey(explicitHashKey, input)
  }
  if (typeof data === 'string') return { partitionKey, explicitHashKey, data, record: input }
  const view = viewOf(data)
  if (view === undefined) {
    throw invalidArgument('record.data', 'a string, a Buffer, an ArrayBuffer or a view of one', data)
  }
  return { partitionKey, explicitHashKey, data: view, record: input }
}

function readPartitionKey(key: unknown, record: unknown): string {
  if (typeof key === 'string' && key !== '') return key
  if (key === undefined || key === null || key === '') throw missingPartitionKey(record)
  if (typeof key === 'number' || typeof key === 'bigint') return String(key)
  throw invalidArgument('record.partitionKey', 'a string', key)
}

function readHashKey(key: unknown): string | undefined {
  if (key === undefined || key === null || key === '') return undefined
  if (typeof key === 'string') return key
  if (typeof key === 'bigint') return String(key)
  // 1e21 and above would be written with an exponent.
  if (typeof key === 'number' && Number.isInteger(key)) return String(BigInt(key))
  throw invalidArgument('record.explicitHashKey', 'a decimal string, an integer or a bigint', key)
}

/** In characters; Kinesis' own limit. */
const MAX_PARTITION_KEY = 256

/** @throws KinesisAggError `ERR_INVALID_PARTITION_KEY` */
export function checkPartitionKey(key: string, record: unknown): void {
  // Characters are code points: at most as many as UTF-16 units, and at least half as many. To count those of a
  // giant would take memory for each.
  if (key.length <= MAX_PARTITION_KEY) return
  if (key.length <= 2 * MAX_PARTITION_KEY && [...key].length <= MAX_PARTITION_KEY) return
  const message = `Partition key '${key.slice(0, 40)}…' has over ${MAX_PARTITION_KEY} characters`
  throw new KinesisAggError('ERR_INVALID_PARTITION_KEY', message, { record })
}

/** The highest hash key. */
export const MAX_HASH_KEY = (1n << 128n) - 1n

/** @throws KinesisAggError `ERR_INVALID_HASH_KEY` */
export function checkHashKey(key: string, record: unknown, sequenceNumber?: string): bigint {
  if (/^(0|[1-9]\d{0,38})$/.test(key)) {
    const number = BigInt(key)
    if (number <= MAX_HASH_KEY) return number
  }
  const shown = key.length > 60 ? `${key.slice(0, 60)}…` : key
  const message = `Explicit hash key '${shown}' is no decimal number in [0, 2^128)`
  throw new KinesisAggError('ERR_INVALID_HASH_KEY', message, { record, sequenceNumber })
}
