import type { Buffer } from 'node:buffer'
import type { Found, RecordReader } from './found'

/** Puts the records of an event in the place of the S3 object of an on-failure destination, which has it as text. */
export class PayloadReader implements RecordReader {
  constructor(private readonly reader: RecordReader) {}

  push(chunk: Buffer): Found[] {
    return this.reader.push(chunk).flatMap(open)
  }

  end(): Found[] {
    return this.reader.end().flatMap(open)
  }
}

function open(found: Found): Found[] {
  if (!('value' in found) || typeof found.value !== 'object' || found.value === null) return [found]
  const { offset } = found
  const { payload, KinesisBatchInfo: info } = found.value as { payload?: unknown; KinesisBatchInfo?: unknown }
  if (typeof payload === 'string') {
    const records = recordsIn(payload)
    if (records !== undefined) return records.map(value => ({ offset, value }))
    return [{ offset, problem: 'its payload is not the JSON text of an event with Records' }]
  }
  if (info === undefined) return [found]
  return [{ offset, problem: 'the message names a batch and has no records: use "kinesis-agg fetch-failed"' }]
}

function recordsIn(payload: string): unknown[] | undefined {
  try {
    const { Records } = JSON.parse(payload) as { Records?: unknown }
    return Array.isArray(Records) ? Records : undefined
  } catch {
    return undefined
  }
}
