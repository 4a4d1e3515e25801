import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { aggregate, deaggregateSync } from '../index.js'

/** The native half, as `binding.js` loads it for the package. */
const { native } = createRequire(__filename)(join(__dirname, '..', 'binding.js')) as {
  native: typeof import('../src-js/native.js')
}

const backends = native.md5Backends()

/** Several aggregates of unequal lengths, so that lanes end at different times. */
const records = Array.from({ length: 600 }, (_, i) => ({
  partitionKey: `device-${i % 37}`,
  data: Buffer.alloc((i * 7919) % 900, i)
}))

afterEach(() => native.forceMd5(null))

it('at least two MD5 implementations work here, the scalar one first', () => {
  expect(backends.length).toBeGreaterThanOrEqual(2)
  expect(backends[0]).toBe('scalar')
})

describe.each(backends)('with the MD5 of %s', name => {
  it('aggregates carry the digest that OpenSSL makes', () => {
    native.forceMd5(name)
    const encoded = aggregate(records, { maxSize: 6_000 })
    expect(encoded.length).toBeGreaterThan(32)
    for (const { data } of encoded) {
      expect(data.subarray(-16)).toEqual(createHash('md5').update(data.subarray(4, -16)).digest())
    }
  })

  it('a batch is taken apart, and one damaged byte in any record of it is found', () => {
    native.forceMd5(name)
    const batch = aggregate(records, { maxSize: 6_000 }).map(({ data }, i) => ({
      Data: data,
      SequenceNumber: String(i)
    }))
    const found = deaggregateSync(batch)
    expect(found.map(({ partitionKey, data }) => ({ partitionKey, data }))).toEqual(records)
    for (const { Data, SequenceNumber } of batch) {
      Data[Data.length >> 1]! ^= 1
      expect(() => deaggregateSync(batch)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_CHECKSUM', sequenceNumber: SequenceNumber })
      )
      Data[Data.length >> 1]! ^= 1
    }
  })
})
