import { describe, expect, it, vi } from 'vitest'
import { type KinesisAggError, ResumeMemory, processEvent } from 'kinesis-agg'
import {
  damaged,
  eventOf,
  failedAt,
  plain,
  recorder,
  refused,
  streamRecord,
  turns
} from '../support/stream-event'
import { aggregated as wireRecord } from '../support/wire'

/** Position 1 points outside the table of keys. */
const half = wireRecord({
  keys: ['a', 'b'],
  records: [
    { key: 0, data: 'zero' },
    { key: 7, data: 'one' },
    { key: 1, data: 'two' }
  ]
})
const halfReadable = (position: number) => streamRecord(position, half.toString('base64'))

const onFailure = (): void => {}

describe("onInvalid 'salvage' in processEvent", () => {
  it.each([1, 5])(
    'reports each unreadable user record once, in its turn (concurrency %i)',
    async concurrency => {
      const event = eventOf(plain(0, 'before'), halfReadable(1), damaged(halfReadable(2)), plain(3, 'after'))
      const order: string[] = []
      const onInvalidRecord = vi.fn(async ({ subSequenceNumber }: KinesisAggError) => {
        await turns(5)
        order.push(`invalid ${subSequenceNumber}`)
      })
      const failed = vi.fn()
      const response = await processEvent(event, async ({ data }) => void order.push(String(data)), {
        onInvalid: 'salvage',
        onInvalidRecord,
        onFailure: failed,
        concurrency
      })
      expect(response).toEqual(failedAt(2))
      expect(order).toEqual(['before', 'zero', 'invalid 1', 'two'])
      expect(onInvalidRecord).toHaveBeenCalledExactlyOnceWith(
        expect.objectContaining({
          code: 'ERR_MALFORMED_RECORD',
          sequenceNumber: '1001',
          subSequenceNumber: 1
        }),
        event.Records[1]
      )
      expect(failed).toHaveBeenCalledExactlyOnceWith(
        expect.objectContaining({ code: 'ERR_INVALID_CHECKSUM', sequenceNumber: '1002' }),
        undefined,
        event.Records[2]
      )
    }
  )

  it('fails the enclosing record if onInvalidRecord fails', async () => {
    const { handled, handle } = recorder()
    const options = {
      onInvalid: 'salvage' as const,
      onInvalidRecord: async () => Promise.reject(refused),
      onFailure: vi.fn()
    }
    const event = eventOf(plain(0, 'before'), halfReadable(1), plain(2, 'after'))
    expect(await processEvent(event, handle, options)).toEqual(failedAt(1))
    expect(handled).toEqual(['before', 'zero'])
    expect(options.onFailure).toHaveBeenCalledExactlyOnceWith(refused, undefined, event.Records[1])
  })

  it('is not called again for what an earlier attempt reported', async () => {
    const onInvalidRecord = vi.fn()
    const options = { onInvalid: 'salvage', onInvalidRecord, onFailure, resume: new ResumeMemory() } as const
    const event = eventOf(halfReadable(0))
    expect(await processEvent(event, recorder('two').handle, options)).toEqual(failedAt(0))
    const { handled, handle } = recorder()
    expect(await processEvent(event, handle, options)).toEqual(failedAt())
    expect(handled).toEqual(['two'])
    expect(onInvalidRecord).toHaveBeenCalledOnce()
  })
})
