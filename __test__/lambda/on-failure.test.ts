import { inspect } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { type DeaggregatedRecord, type KinesisStreamRecord, processEvent } from 'kinesis-agg'
import {
  aggregated,
  damaged,
  eventOf,
  failedAt,
  numbers,
  plain,
  recorder,
  refused,
  text,
  turns
} from '../support/stream-event'

type OnFailure = (
  error: unknown,
  record: DeaggregatedRecord<KinesisStreamRecord> | undefined,
  source: KinesisStreamRecord
) => void | 'skip' | Promise<void | string>

describe('onFailure', () => {
  it('gets the user record and the one around it', async () => {
    const event = eventOf(aggregated(0, ['a', 'b']), plain(1, 'c'))
    const { handle } = recorder('b')
    const onFailure = vi.fn<OnFailure>()
    expect(await processEvent(event, handle, { onFailure })).toEqual(failedAt(0))
    expect(onFailure).toHaveBeenCalledOnce()
    const [error, record, source] = onFailure.mock.calls[0]!
    expect(error).toBe(refused)
    expect([text(record!), record!.subSequenceNumber]).toEqual(['b', 1])
    expect(source).toBe(event.Records[0])
  })

  it("'skip' counts exactly that user record as handled", async () => {
    const { handled, handle } = recorder('4')
    const onFailure = vi.fn<OnFailure>(() => 'skip')
    const response = await processEvent(eventOf(aggregated(0, numbers(10))), handle, { onFailure })
    expect(response).toEqual({ batchItemFailures: [] })
    expect(handled).toEqual(['0', '1', '2', '3', '5', '6', '7', '8', '9'])
    expect(onFailure).toHaveBeenCalledOnce()
  })

  it("'skip' passes an enclosing record that cannot be decoded", async () => {
    const { handled, handle } = recorder()
    const event = eventOf(plain(0, 'a'), damaged(aggregated(1, ['x'])), plain(2, 'b'))
    const onFailure = vi.fn<OnFailure>(async () => 'skip')
    expect(await processEvent(event, handle, { onFailure })).toEqual({ batchItemFailures: [] })
    expect(handled).toEqual(['a', 'b'])
    expect(onFailure).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ code: 'ERR_INVALID_CHECKSUM' }),
      undefined,
      event.Records[1]
    )
  })

  it('is called once for each record that fails', async () => {
    const { handled, handle } = recorder('1', '3', '5')
    const failed: string[] = []
    const response = await processEvent(eventOf(aggregated(0, numbers(6)), plain(1, 'x')), handle, {
      onFailure: (_, record) => {
        failed.push(text(record!))
        return text(record!) === '5' ? undefined : 'skip'
      }
    })
    expect(response).toEqual(failedAt(0))
    expect(failed).toEqual(['1', '3', '5'])
    expect(handled).toEqual(['0', '2', '4'])
  })

  it.each([
    ['no onFailure', undefined],
    [
      'an onFailure that throws it',
      (error: unknown) => {
        throw error
      }
    ]
  ])('answers also if the error cannot be printed, with %s', async (_name, onFailure) => {
    const log = vi.spyOn(console, 'error').mockImplementation((_text, error) => void inspect(error))
    const unprintable = {
      [inspect.custom]() {
        throw new Error('not me')
      }
    }
    const call = processEvent(eventOf(plain(0, 'a')), () => Promise.reject(unprintable), { onFailure })
    expect(await call).toEqual(failedAt(0))
    expect(log).toHaveBeenCalledWith('Kinesis record 1000 was not handled:', expect.any(String))
    log.mockRestore()
  })

  it('is awaited before a later record of the key starts', async () => {
    const order: string[] = []
    await processEvent(
      eventOf(plain(0, 'a', 'k'), plain(1, 'b', 'k'), plain(2, 'c', 'other')),
      async record => {
        order.push(text(record))
        if (text(record) === 'a') throw refused
      },
      {
        concurrency: 5,
        onFailure: async () => {
          await turns(5)
          order.push('kept')
          return 'skip'
        }
      }
    )
    expect(order.indexOf('kept')).toBeLessThan(order.indexOf('b'))
    expect(order.toSorted()).toEqual(['a', 'b', 'c', 'kept'])
  })

  it('is called for each record of a chunk; all of them skipped, the chunk is handled', async () => {
    const failed: string[] = []
    const options = {
      chunkSize: 2,
      onFailure: (_: unknown, record: { data: Buffer } | undefined): 'skip' | undefined => {
        failed.push(text(record!))
        return text(record!) === 'd' ? undefined : 'skip'
      }
    }
    const failing = (records: { data: Buffer }[]): void => {
      if (text(records[0]!) !== 'e') throw refused
    }
    expect(await processEvent(eventOf(aggregated(0, ['a', 'b'])), failing, options)).toEqual({
      batchItemFailures: []
    })
    expect(
      await processEvent(eventOf(plain(0, 'c'), plain(1, 'd'), plain(2, 'e')), failing, options)
    ).toEqual(failedAt(0))
    expect(failed).toEqual(['a', 'b', 'c', 'd'])
  })
})
