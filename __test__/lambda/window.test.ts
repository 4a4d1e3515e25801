import { describe, expect, it, vi } from 'vitest'
import {
  type KinesisStreamRecord,
  type KinesisStreamTumblingWindowEvent,
  ResumeMemory,
  processEvent
} from 'kinesis-agg'
import {
  aggregated,
  eventOf,
  failedAt,
  numbers,
  plain,
  recorder,
  refused,
  text
} from '../support/stream-event'

const windowOf = (
  state: Record<string, unknown> | null | undefined,
  ...records: KinesisStreamRecord[]
): KinesisStreamTumblingWindowEvent => ({
  ...eventOf(...records),
  window: { start: '2026-01-01T00:00:00Z', end: '2026-01-01T00:02:00Z' },
  state,
  isFinalInvokeForWindow: false,
  isWindowTerminatedEarly: false
})

const onFailure = (): void => {}

describe('a tumbling window', () => {
  it('hands the state on from record to record', async () => {
    const event = windowOf({ seen: 'x' }, aggregated(0, ['a', 'b']), plain(1, 'c'))
    const response = await processEvent(event, async (record, state: { seen: string }) => ({
      seen: state.seen + text(record)
    }))
    expect(response).toEqual({ state: { seen: 'xabc' }, batchItemFailures: [] })
  })

  it('waits for promises of any class', async () => {
    const event = windowOf({ n: 1 }, plain(0, 'a'), plain(1, 'b'))
    // eslint-disable-next-line unicorn/no-thenable -- it is what the test is about
    const promiseOf = (state: object) => ({ then: (done: (state: object) => void) => done(state) }) as never
    const response = await processEvent(event, (_, { n }: { n: number }) => promiseOf({ n: n + 1 }))
    expect(response).toEqual({ state: { n: 3 }, batchItemFailures: [] })
  })

  it.each([undefined, null])('is none if window is %j', async window => {
    const event = { ...eventOf(plain(0, 'a'), plain(1, 'b')), window } as ReturnType<typeof eventOf>
    const { handle } = recorder('b')
    expect(await processEvent(event, handle, { onFailure })).toEqual(failedAt(1))
  })

  it('keeps the state where the handler returns undefined', async () => {
    const event = windowOf({ n: 5 }, plain(0, 'a'))
    expect(await processEvent(event, () => {})).toEqual({ state: { n: 5 }, batchItemFailures: [] })
  })

  it.each([null, undefined])('begins with {} for the state %j, also without records', async state => {
    const event = { ...windowOf(state), isFinalInvokeForWindow: true }
    expect(await processEvent(event, () => expect.unreachable())).toEqual({
      state: {},
      batchItemFailures: []
    })
  })

  it('counts exactly if an aggregate fails midway and comes again, though the state is changed in place', async () => {
    const event = windowOf({ count: 10 }, plain(0, 'x'), aggregated(1, numbers(6)))
    let bad = '3'
    const fold = (record: { data: Buffer }, state: { count?: number }): void => {
      if (text(record) === bad) throw refused
      state.count!++
    }
    await expect(processEvent(event, fold, { onFailure })).rejects.toBe(refused)
    bad = 'none'
    expect(await processEvent(event, fold)).toEqual({ state: { count: 17 }, batchItemFailures: [] })
    expect(event.state).toEqual({ count: 10 })
  })

  it('publishes nothing if the final invocation has a record that fails', async () => {
    const publish = vi.fn()
    const handler = async (event: KinesisStreamTumblingWindowEvent): Promise<object> => {
      const { state } = await processEvent(
        event,
        record => {
          if (text(record) === 'bad') throw refused
        },
        { onFailure }
      )
      if (event.isFinalInvokeForWindow) await publish(state, event.window)
      return { state }
    }
    const last = { ...windowOf({ n: 1 }, plain(0, 'a'), plain(1, 'bad')), isFinalInvokeForWindow: true }
    await expect(handler(last)).rejects.toBe(refused)
    expect(publish).not.toHaveBeenCalled()
    await handler({ ...last, Records: last.Records.slice(0, 1) })
    expect(publish).toHaveBeenCalledExactlyOnceWith({ n: 1 }, last.window)
  })

  it.each([5, 'text', null, ['a'], new Map(), new Date(0)])(
    'fails the record if the handler returns %j',
    async wrong => {
      const failures = vi.fn()
      const event = windowOf({}, plain(0, 'a'))
      await expect(
        processEvent(event, async () => wrong as never, { onFailure: failures })
      ).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' })
      expect(failures).toHaveBeenCalledOnce()
    }
  )

  it("'skip' keeps the state, with what was changed in place", async () => {
    const event = windowOf({}, plain(0, 'a'), plain(1, 'bad'), plain(2, 'b'))
    const response = await processEvent(
      event,
      (record, state: { seen?: string }) => {
        state.seen = (state.seen ?? '') + text(record)
        if (text(record) === 'bad') throw refused
      },
      { onFailure: () => 'skip' }
    )
    expect(response).toEqual({ state: { seen: 'abadb' }, batchItemFailures: [] })
  })

  it('rejects at the deadline', async () => {
    const event = windowOf({}, plain(0, 'a'), plain(1, 'b'))
    const call = processEvent(event, () => {}, { signal: AbortSignal.abort(), onFailure })
    await expect(call).rejects.toMatchObject({ code: 'ERR_DEADLINE' })
  })

  it.each([{ concurrency: 2 }, { resume: new ResumeMemory() }, { chunkSize: 2 }])(
    'refuses %j',
    async options => {
      const call = processEvent(windowOf({}, plain(0, 'a')), () => expect.unreachable(), options)
      await expect(call).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' })
    }
  )
})
