import fc from 'fast-check'
import type { EncodedRecord, DeaggregatedRecord } from 'kinesis-agg'
import { vectors } from './vectors'
import { encodeByHand } from './wire'

export interface Input {
  partitionKey: string
  data: Buffer
  explicitHashKey?: string
}

const names = fc.constantFrom('__proto__', 'hasOwnProperty', 'constructor', '0', '1', '10', '2', 'é', '鍵🔑')
/** Any text of Unicode, integer-like numbers, names of object members; few enough different ones to repeat. */
const keys = fc.oneof(
  names,
  fc.nat(300).map(String),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 200, size: 'small' }),
  fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 3 })
)
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 50 }),
  // Around the edges of varints.
  fc.constantFrom(0, 127, 128, 16_383, 16_384).map(length => Buffer.alloc(length, 'x')),
  fc.constantFrom(...vectors.slice(0, 5)).map(one => one.bytes)
)
export const inputs: fc.Arbitrary<Input> = fc
  .record({ partitionKey: keys, data: bytes, explicitHashKey: fc.option(keys, { nil: undefined }) })
  .map(({ partitionKey, data, explicitHashKey }) => {
    const input = { partitionKey, data: Buffer.from(data) }
    return explicitHashKey === undefined ? input : Object.assign(input, { explicitHashKey })
  })
export const someInputs = fc.array(inputs, { minLength: 1, maxLength: 30, size: 'max' })

/** The least that every record of a list fits into alone. */
export function leastSize(records: Input[]): number {
  return Math.max(
    ...records.map(record => encodeByHand([record]).length + Buffer.byteLength(record.partitionKey))
  )
}

/** In a form that compares quickly; equal forms are equal records. */
export const whatWentIn = (records: readonly (Input | DeaggregatedRecord | EncodedRecord)[]): unknown[] =>
  records.map(({ partitionKey, explicitHashKey, data }) => [
    partitionKey,
    explicitHashKey,
    data.toString('base64')
  ])
