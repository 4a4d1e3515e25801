import fc from 'fast-check'
import type { Input } from './arbitraries'

/** Slab and places of user records, as the producer lays them out; the free words are set. */
export function laidOut(records: readonly Input[]): { slab: Buffer; places: Uint32Array } {
  const parts = records.flatMap(({ partitionKey, explicitHashKey, data }) => [
    Buffer.from(partitionKey),
    Buffer.from(explicitHashKey ?? ''),
    data
  ])
  const places = parts.flatMap(({ length }, i) => (i % 3 === 2 ? [length, 0xdead_beef] : [length]))
  return { slab: Buffer.concat(parts), places: Uint32Array.from(places) }
}

const keys = fc.oneof(
  fc.nat(20).map(String),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 100 }),
  fc.constantFrom('é', '鍵🔑', '🔑'.repeat(256), 'x'.repeat(256), '__proto__', '0')
)
const hashKeys = fc.oneof(fc.bigInt(0n, 3n), fc.bigInt(0n, (1n << 128n) - 1n)).map(String)
const data = fc.oneof(
  fc.uint8Array({ maxLength: 60 }).map(bytes => Buffer.from(bytes)),
  // Around the edges of varints, and a large one.
  fc.constantFrom(0, 123, 124, 127, 128, 16_383, 16_384, 40_000).map(length => Buffer.alloc(length, 'x'))
)

/** Records that Kinesis takes. */
export const laneRecords: fc.Arbitrary<Input[]> = fc.array(
  fc.record(
    { partitionKey: keys, data, explicitHashKey: hashKeys },
    { requiredKeys: ['partitionKey', 'data'] }
  ),
  { minLength: 1, maxLength: 200, size: 'max' }
)
