import { createRequire } from 'node:module'
import { isSharedArrayBuffer } from 'node:util/types'
import { describe, expect, it, vi } from 'vitest'
import { deaggregateSync } from 'kinesis-agg'
import { AggregatedRecord } from 'kinesis-agg/lib/common'
import { aggregated, message } from '../support/wire'

const { native } = createRequire(import.meta.url)('../../dist/binding.js') as {
  native: Record<string, (...args: never[]) => unknown>
}

const content = { keys: ['k'], records: [{ key: 0, data: 'x' }] }

function inSharedMemory(bytes: Buffer): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length))
  shared.set(bytes)
  return shared
}

/** Other threads may write to shared memory at any moment, which Rust must not see. */
describe('Rust is never given memory that threads share', () => {
  it.each([
    [
      'AggregatedRecord.decode',
      'decodeMessage',
      () => AggregatedRecord.decode(inSharedMemory(message(content))).records[0]!.data.toString()
    ],
    [
      'AggregatedRecord.encode',
      'encodeMessage',
      () => {
        const data = inSharedMemory(Buffer.from('x'))
        const { finish } = AggregatedRecord.encode({
          partition_key_table: ['k'],
          records: [{ partition_key_index: 0, data }]
        })
        return AggregatedRecord.decode(finish()).records[0]!.data.toString()
      }
    ],
    [
      'deaggregateSync',
      'decode',
      () => String(deaggregateSync({ Data: inSharedMemory(aggregated(content)) })[0]!.data)
    ],
    [
      "deaggregateSync with 'salvage'",
      'decodeMessage',
      () => {
        const Data = inSharedMemory(
          aggregated({ keys: ['k'], records: [...content.records, { key: 9, data: '' }] })
        )
        const [kept] = deaggregateSync({ Data }, { onInvalid: 'salvage', onInvalidRecord: () => {} })
        return String(kept!.data)
      }
    ]
  ])('%s', (_, name, run) => {
    const spy = vi.spyOn(native, name)
    try {
      expect(run()).toBe('x')
      expect(spy).toHaveBeenCalled()
      const memories = spy.mock.calls
        .flat()
        .flatMap(argument => (ArrayBuffer.isView(argument) ? [argument] : []))
      expect(memories).not.toEqual([])
      for (const { buffer } of memories as Uint8Array[]) expect(isSharedArrayBuffer(buffer)).toBe(false)
    } finally {
      spy.mockRestore()
    }
  })
})
