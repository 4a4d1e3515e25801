import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { WRITES_IN_PLACE } from '../support/codec'
import { MAGIC, md5 } from '../support/wire'

const { native } = createRequire(__filename)(join(__dirname, '..', '..', 'dist', 'binding.js')) as {
  native: typeof import('../../src-js/native/native.js')
}

/** An encoded record without a digest, at `offset` of some memory. */
function unsealed(memory: Buffer, offset: number, length: number): Buffer {
  const record = memory.subarray(offset, offset + length)
  MAGIC.copy(record)
  return record
}

/** Memory with a different number in each byte, up to a point. */
const memory = (bytes: number) => Buffer.from(Array.from({ length: bytes }, (_, i) => i % 251))

describe('seal', () => {
  it('writes the digest of each record, of neighbours too', () => {
    const bytes = memory(500)
    const records = [unsealed(bytes, 200, 100), unsealed(bytes, 0, 200), unsealed(bytes, 300, 21)]
    native.seal(records)
    for (const record of records) expect(record.subarray(-16)).toEqual(md5(record.subarray(4, -16)))
    expect(bytes.subarray(321)).toEqual(memory(500).subarray(321))
    native.seal([])
  })

  describe.runIf(WRITES_IN_PLACE)('refuses, and writes nothing', () => {
    const record = () => unsealed(memory(100), 0, 100)
    const twice = record()
    const shared = memory(300)
    it.each([
      ['the same record twice', [record(), twice, record(), twice]],
      ['two views of the same record', [twice, Buffer.from(twice.buffer, twice.byteOffset, twice.length)]],
      ['records that share a byte', [unsealed(shared, 0, 101), unsealed(shared, 100, 100)]],
      ['a record within another one', [unsealed(shared, 50, 50), unsealed(shared, 0, 300)]]
    ])('%s', (_, records) => {
      const before = records.map(one => Buffer.from(one))
      expect(() => native.seal(records)).toThrow(
        'ERR_INTERNAL: Internal error: records to be sealed that overlap'
      )
      expect(records).toEqual(before)
    })
  })
})
