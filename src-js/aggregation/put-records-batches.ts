import { Buffer } from 'node:buffer'
import { viewOf } from '../bytes'
import { ALONE, invalidArgument, tooLarge } from '../errors'
import type { EncodedRecord, PutRecordsRequestEntry } from '../types'
import { readHashKey } from './user-record'

/** Kinesis' own limits for one call of PutRecords; bytes are those of data and UTF-8 partition keys. */
const MAX_ENTRIES = 500
const MAX_BYTES = 10 * 1024 * 1024

/**
 * Sorts encoded records into batches for the AWS SDK's `PutRecordsCommand`, in order: at most 500 entries and
 * 10 MiB (data and partition keys) each. Data is not copied.
 *
 * @returns the entries of each call; no batch for no records
 * @throws KinesisAggError `ERR_RECORD_TOO_LARGE`: a record that no call has room for; `ERR_INVALID_HASH_KEY`: a hash
 * key is an integer beyond 2^53 - 1
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 * @example
 * for (const Records of putRecordsBatches(aggregate(records))) {
 *   await client.send(new PutRecordsCommand({ StreamName: 'readings', Records }))
 * }
 */
export function putRecordsBatches(encoded: Iterable<EncodedRecord>): PutRecordsRequestEntry[][] {
  if (typeof encoded !== 'object' || encoded === null || !(Symbol.iterator in encoded)) {
    throw invalidArgument('encoded', 'an iterable of encoded records', encoded)
  }
  const batches: PutRecordsRequestEntry[][] = []
  let batch: PutRecordsRequestEntry[] = []
  let batchBytes = 0
  for (const record of encoded) {
    const entry = toEntry(record)
    const bytes = entry.Data.length + Buffer.byteLength(entry.PartitionKey)
    if (bytes > MAX_BYTES) throw tooLarge(record, entry.PartitionKey, entry.ExplicitHashKey, bytes)
    if (batch.length === 0 || batch.length === MAX_ENTRIES || batchBytes + bytes > MAX_BYTES) {
      batch = []
      batchBytes = 0
      batches.push(batch)
    }
    batch.push(entry)
    batchBytes += bytes
  }
  return batches
}

function toEntry(record: EncodedRecord): PutRecordsRequestEntry {
  if (typeof record !== 'object' || record === null) {
    throw invalidArgument('record', 'an encoded record', record)
  }
  const { partitionKey } = record
  const explicitHashKey = readHashKey(record as unknown as Record<string, unknown>, ALONE)
  const data = viewOf(record.data)
  if (data === undefined) throw invalidArgument('record.data', 'a Buffer', record.data)
  if (typeof partitionKey !== 'string') throw invalidArgument('record.partitionKey', 'a string', partitionKey)
  const entry: PutRecordsRequestEntry = { Data: data, PartitionKey: partitionKey }
  if (explicitHashKey !== undefined) entry.ExplicitHashKey = explicitHashKey
  return entry
}
