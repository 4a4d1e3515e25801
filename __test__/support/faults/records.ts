/** Checks of the cases about records, in and out. */
import { expect } from 'vitest'
import {
  type AggregateInput,
  type KinesisRecordInput,
  aggregate,
  deaggregate,
  deaggregateEvent,
  deaggregateSync,
  isAggregated,
  iterateUserRecords,
  putRecordsBatches
} from 'kinesis-agg'
import { thrownBy } from '../seen'
import type { Check } from './fault'

export const records: Record<string, Check> = {
  'firehose-subsequence-number'({ input, expected }) {
    const found = deaggregateEvent(input as never)
    expect(found.map(one => [one.sequenceNumber, one.subSequenceNumber])).toEqual(expected)
    // The typings of Lambda say that it is text.
    for (const [subsequenceNumber, number] of [
      ['7', 7],
      ['', 0],
      [undefined, 0]
    ]) {
      const event = structuredClone(input) as { records: { kinesisRecordMetadata: object }[] }
      Object.assign(event.records[0]!.kinesisRecordMetadata, { subsequenceNumber })
      expect(deaggregateEvent(event as never)[0]!.subSequenceNumber).toBe(number)
    }
  },

  'text-that-is-no-base64'({ input }) {
    const record = input as KinesisRecordInput
    for (const call of [
      () => deaggregateSync(record),
      () => deaggregateSync([record]),
      () => [...iterateUserRecords([record])],
      () => deaggregateEvent({ Records: [{ kinesis: record }] } as never)
    ]) {
      const error = thrownBy(call)
      expect(error).toBeInstanceOf(TypeError)
      expect(error.code).toBe('ERR_INVALID_ARG_TYPE')
    }
  },

  'hash-key-range-poison'({ input }) {
    const record = input as KinesisRecordInput
    const hashKeyRange = { startingHashKey: '0', endingHashKey: '340282366920938463463374607431768211455' }
    const kept = deaggregateSync(record, { hashKeyRange, onInvalid: 'passthrough' })
    expect(kept.map(({ data, aggregated }) => [String(data), aggregated])).toEqual([
      ['{"a":"ABC"}', true],
      ['{"b":"DEF"}', true]
    ])
    const told: unknown[] = []
    const onInvalidRecord = (error: { code: string; subSequenceNumber?: number }, source: unknown): void => {
      expect(source).toBe(record)
      told.push([error.code, error.subSequenceNumber])
    }
    expect(deaggregateSync(record, { hashKeyRange, onInvalid: 'salvage', onInvalidRecord })).toEqual([])
    expect(told).toEqual([
      ['ERR_INVALID_HASH_KEY', 0],
      ['ERR_INVALID_HASH_KEY', 1]
    ])
    expect(thrownBy(() => deaggregateSync(record, { hashKeyRange })).code).toBe('ERR_INVALID_HASH_KEY')
  },

  'misleading-message'({ input }) {
    expect(deaggregateEvent(input as never).map(({ data }) => String(data))).toEqual(['u0'])
  },

  'hash-key-as-unsafe-number'() {
    const record = { partitionKey: 'a', data: 'b', explicitHashKey: Number('123456789012345678901234567890') }
    expect(thrownBy(() => aggregate([record])).code).toBe('ERR_INVALID_HASH_KEY')
    expect(thrownBy(() => aggregate([record], { strict: false })).code).toBe('ERR_INVALID_HASH_KEY')
  },

  'put-records-outer-hash-key'() {
    const encoded = { partitionKey: 'a', data: Buffer.from('x'), ExplicitHashKey: '7' }
    expect(putRecordsBatches([encoded])).toEqual([
      [{ PartitionKey: 'a', Data: Buffer.from('x'), ExplicitHashKey: '7' }]
    ])
  },

  'sdk-legacy-hash-key'() {
    const record = { PartitionKey: 'a', Data: 'x', ExplicitPartitionKey: '7' } as AggregateInput
    const [encoded] = aggregate([record])
    expect([encoded!.explicitHashKey, encoded!.ExplicitHashKey]).toEqual(['7', '7'])
    expect(deaggregateSync(encoded!)[0]!.explicitHashKey).toBe('7')
  },

  'kept-drop-in-strings': async () => {
    const count = 5000
    const inputs = Array.from({ length: 100 }, () => ({ partitionKey: 'k', data: Buffer.alloc(66, 'x') }))
    const data = aggregate(inputs)[0]!.data.toString('base64')
    expect(isAggregated({ data })).toBe(true)
    const kept: string[] = Array.from({ length: count }, () => '')
    const used = async (): Promise<number> => {
      for (let i = 0; i < 3; i++) {
        await new Promise(resolve => setImmediate(resolve))
        globalThis.gc!()
      }
      const { heapUsed, external } = process.memoryUsage()
      return heapUsed + external
    }
    const before = await used()
    for (let i = 0; i < count; i++) {
      const record = { data, partitionKey: 'k', sequenceNumber: '1' }
      if (i % 2 === 0) deaggregateSync(record, true, (_, found) => (kept[i] = found[50]!.data))
      else
        deaggregate(
          record,
          true,
          (_, found) => (kept[i] = found.data),
          () => {}
        )
    }
    expect(((await used()) - before) / count).toBeLessThan(88 + 2048)
    expect(kept.every(text => text.length === 88)).toBe(true)
  }
}
