import { PutRecordsCommand, type PutRecordsRequestEntry } from '@aws-sdk/client-kinesis'
import { describe, expect, it } from 'vitest'
import { aggregate, putRecordsBatches, type EncodedRecord } from 'kinesis-agg'

const MIB = 1024 * 1024

const encodedOf = (bytes: number, partitionKey = 'a'): EncodedRecord => ({
  partitionKey,
  data: Buffer.alloc(bytes)
})
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)
const lengths = (encoded: EncodedRecord[]): number[] => putRecordsBatches(encoded).map(batch => batch.length)

describe('putRecordsBatches', () => {
  it.each([
    [0, []],
    [1, [1]],
    [499, [499]],
    [500, [500]],
    [501, [500, 1]],
    [1000, [500, 500]],
    [1001, [500, 500, 1]]
  ])('makes of %i entries batches of %j', (count, expected) => {
    expect(lengths(times(count, encodedOf(10)))).toEqual(expected)
  })

  it('counts data and key: 10 MiB is in, a byte more is not', () => {
    expect(lengths(times(10, encodedOf(MIB - 1)))).toEqual([10])
    expect(lengths([...times(9, encodedOf(MIB - 1)), encodedOf(MIB)])).toEqual([9, 1])
  })

  it('counts keys in bytes of UTF-8', () => {
    const wide = '愛'.repeat(100)
    expect(lengths(times(10, encodedOf(MIB - 300, wide)))).toEqual([10])
    expect(lengths(times(10, encodedOf(MIB - 299, wide)))).toEqual([9, 1])
  })

  it('gives a record of 10 MiB a batch of its own, wherever it stands', () => {
    const full = encodedOf(10 * MIB - 1)
    expect(lengths([encodedOf(1), full, encodedOf(1)])).toEqual([1, 1, 1])
  })

  it('refuses a record that no call has room for, and names it', () => {
    const record = { ...encodedOf(10 * MIB), explicitHashKey: '7' }
    expect(() => putRecordsBatches([encodedOf(1), record])).toThrow(
      expect.objectContaining({
        code: 'ERR_RECORD_TOO_LARGE',
        message: `Input record (PK=a, EHK=7, SizeBytes=${10 * MIB + 1}) is too large to fit inside a single Kinesis record.`,
        record
      })
    )
  })

  it('keeps the order, copies no data, and has exactly the keys of the SDK', () => {
    const records = Array.from({ length: 1200 }, (_, i) => ({
      partitionKey: `key-${i}`,
      data: 'x'.repeat(500),
      ...(i % 2 === 0 ? { explicitHashKey: i } : {})
    }))
    const encoded = aggregate(records, { maxSize: 600 })
    const entries = putRecordsBatches(encoded).flat()
    expect(entries).toHaveLength(1200)
    entries.forEach((entry, i) => {
      const { Data, ...keys } = entry
      expect(Data).toBe(encoded[i]!.data)
      expect(keys).toStrictEqual({
        PartitionKey: `key-${i}`,
        ...(i % 2 === 0 ? { ExplicitHashKey: String(i) } : {})
      })
    })
  })

  it('takes any iterable, and views for data', () => {
    const one = new Set([{ partitionKey: 'a', data: new Uint8Array([1, 2]) as Buffer }])
    expect(putRecordsBatches(one)).toEqual([[{ Data: Buffer.from([1, 2]), PartitionKey: 'a' }]])
  })

  it('fits PutRecordsCommand without a cast', () => {
    for (const Records of putRecordsBatches([encodedOf(1)])) {
      const entries: PutRecordsRequestEntry[] = Records
      expect(new PutRecordsCommand({ StreamName: 'readings', Records }).input.Records).toBe(entries)
    }
  })

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'encoded must be an iterable of encoded records, got undefined'],
    ['one record', encodedOf(1), 'encoded must be an iterable of encoded records, got an object (Object)'],
    ['an array of text', ['x'], "record must be an encoded record, got 'x' (a string)"],
    ['base64', [{ partitionKey: 'a', data: 'eA==' }], "record.data must be a Buffer, got 'eA==' (a string)"],
    ['no key', [{ data: Buffer.alloc(1) }], 'record.partitionKey must be a string, got undefined']
  ])('refuses %s', (_name, wrong, message) => {
    const call = (): unknown => putRecordsBatches(wrong as EncodedRecord[])
    expect(call).toThrow(TypeError)
    expect(call).toThrow(message)
  })
})
