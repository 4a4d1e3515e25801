import type { Buffer } from 'node:buffer'
import { checkPartitionKey, readHashKey } from '../aggregation/user-record'
import { viewOf } from '../bytes'
import { ALONE, invalidArgument, missingData } from '../errors'
import { checkHashKey } from '../hash-key'

/** The parts of a record as a caller gave it. One object serves all records: read it before the next one. */
export interface ReadRecord {
  /** `''`: none. */
  partitionKey: string
  /** Decimal; `''`: none. */
  hashKey: string
  data: string | Buffer
  context: unknown
}

const read: ReadRecord = { partitionKey: '', hashKey: '', data: '', context: undefined }

/**
 * The stream that a record names.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`: also if the record is none
 */
export function streamOf(input: unknown): string | undefined {
  if (input === null || typeof input !== 'object') throw invalidArgument('record', 'a user record', input)
  const { stream } = input as { stream?: unknown }
  if (stream === undefined || typeof stream === 'string') return stream
  throw invalidArgument('record.stream', "a stream's name or ARN", stream)
}

/**
 * Reads a record of any form that `aggregate` takes; its partition key may be missing.
 *
 * @throws KinesisAggError `ERR_MISSING_DATA`, `ERR_INVALID_PARTITION_KEY`, `ERR_INVALID_HASH_KEY`
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 */
export function readRecord(input: object): ReadRecord {
  const record = input as Record<string, unknown>
  const data = record['data'] ?? record['Data']
  if (data === undefined || data === null) throw missingData(input)
  const key = record['partitionKey'] ?? record['PartitionKey'] ?? ''
  if (typeof key !== 'string') throw invalidArgument('record.partitionKey', 'a string', key)
  checkPartitionKey(key, input)
  const hashKey = readHashKey(record, ALONE)
  if (hashKey !== undefined) checkHashKey(hashKey, input)
  if (typeof data === 'string') read.data = data
  else {
    const view = viewOf(data)
    if (view === undefined) {
      throw invalidArgument('record.data', 'a string, a Buffer, an ArrayBuffer or a view of one', data)
    }
    read.data = view
  }
  read.partitionKey = key
  read.hashKey = hashKey ?? ''
  read.context = record['context']
  return read
}
