import { afterEach, describe, expect, it, vi } from 'vitest'
import { processEvent } from 'kinesis-agg'
import { StillContext, contextWith } from '../support/lambda-context'
import {
  aggregated,
  damaged,
  eventOf,
  failedAt,
  numbers,
  plain,
  recorder,
  text,
  turns
} from '../support/stream-event'

const spin = (milliseconds: number): void => {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

const never = new Promise<void>(() => {})

/** Time passes when a test says so, however slow the machine is. */
const mockTime = (): void => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('context', () => {
  it('stops synchronous handlers in time', async () => {
    const count = 10_000
    const context = new StillContext(2000)
    let handled = 0
    const onFailure = vi.fn()
    const event = eventOf(...numbers(count).map((number, i) => plain(i, number)))
    const response = await processEvent(
      event,
      () => {
        context.left--
        handled++
      },
      { context, onFailure }
    )
    expect(context.left).toBe(500)
    expect(response).toEqual(failedAt(handled))
    expect(onFailure).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ code: 'ERR_DEADLINE', sequenceNumber: String(1000 + handled) }),
      expect.objectContaining({ partitionKey: `key-${handled}` }),
      event.Records[handled]
    )
  })

  it('stops while a handler waits, aborts its signal, and does not wait for it', async () => {
    mockTime()
    const started: string[] = []
    let reason: unknown
    const processed = processEvent(
      eventOf(plain(0, 'a'), plain(1, 'b'), plain(2, 'c')),
      (record, { signal }) => {
        started.push(text(record))
        if (text(record) === 'a') return undefined
        signal.addEventListener('abort', () => {
          reason = signal.reason
        })
        return never
      },
      { context: contextWith(60), reserveMs: 20, onFailure: () => {} }
    )
    await vi.advanceTimersByTimeAsync(39)
    expect(reason).toBeUndefined()
    await vi.advanceTimersByTimeAsync(1)
    expect(await processed).toEqual(failedAt(1))
    expect(started).toEqual(['a', 'b'])
    expect(reason).toMatchObject({ code: 'ERR_DEADLINE' })
  })

  it('names the earliest record that was not handled wholly', async () => {
    mockTime()
    const event = eventOf(aggregated(0, ['a', 'b']), plain(1, 'c'), plain(2, 'd'))
    const onFailure = vi.fn()
    const processed = processEvent(event, record => (text(record) === 'b' ? never : turns(1)), {
      concurrency: 2,
      context: contextWith(60),
      reserveMs: 10,
      onFailure
    })
    await turns(10)
    await vi.advanceTimersByTimeAsync(50)
    expect(await processed).toEqual(failedAt(0))
    expect(onFailure.mock.calls.map(([error, record]) => [error.code, text(record)])).toEqual([
      ['ERR_DEADLINE', 'b']
    ])
  })

  it('lets one record start with less time than reserveMs', async () => {
    const { handled, handle } = recorder()
    const onFailure = vi.fn()
    const response = await processEvent(eventOf(plain(0, 'a'), plain(1, 'b')), handle, {
      context: contextWith(100),
      onFailure
    })
    expect(response).toEqual(failedAt(1))
    expect(handled).toEqual(['a'])
    expect(onFailure).toHaveBeenCalledOnce()
  })

  it("ignores 'skip'", async () => {
    const response = await processEvent(eventOf(plain(0, 'a'), plain(1, 'b')), () => {}, {
      context: contextWith(100),
      onFailure: () => 'skip'
    })
    expect(response).toEqual(failedAt(1))
  })

  it('reports a failure that it stops once, as the failure', async () => {
    const refused = new Error('refused')
    const onFailure = vi.fn(() => never)
    const response = await processEvent(eventOf(plain(0, 'a')), () => Promise.reject(refused), {
      context: contextWith(60),
      reserveMs: 20,
      onFailure
    })
    expect(response).toEqual(failedAt(0))
    expect(onFailure.mock.calls).toEqual([[refused, expect.anything(), expect.anything()]])
  })

  it('calls onFailure also if the record that it stopped cannot be decoded', async () => {
    const onFailure = vi.fn()
    const event = eventOf(plain(0, 'a'), damaged(aggregated(1, ['b'])))
    expect(await processEvent(event, () => {}, { context: contextWith(100), onFailure })).toEqual(failedAt(1))
    expect(onFailure).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ code: 'ERR_DEADLINE' }),
      undefined,
      event.Records[1]
    )
  })

  it('answers before the time is up, though onFailure does not settle', async () => {
    mockTime()
    const context = contextWith(200)
    let left: number | undefined
    const processed = processEvent(eventOf(plain(0, 'a')), () => never, {
      context,
      reserveMs: 100,
      onFailure: () => never
    }).finally(() => {
      left = context.getRemainingTimeInMillis()
    })
    await vi.advanceTimersByTimeAsync(200)
    expect(await processed).toEqual(failedAt(0))
    // It had most of the reserve.
    expect(left).toBe(10)
  })

  it('swallows what rejects after the answer', async () => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    let reject: ((error: Error) => void) | undefined
    const onFailure = vi.fn()
    const response = await processEvent(
      eventOf(plain(0, 'a')),
      () =>
        new Promise((_, no) => {
          reject = no
        }),
      { context: contextWith(50), reserveMs: 20, onFailure }
    )
    expect(response).toEqual(failedAt(0))
    reject!(new Error('late'))
    await turns(5)
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
    expect(onFailure).toHaveBeenCalledOnce()
    expect(log).not.toHaveBeenCalled()
  })

  it('leaves no timer behind, and is no failure if all is handled', async () => {
    mockTime()
    const context = { getRemainingTimeInMillis: () => 100_000 }
    const { signal } = new AbortController()
    const remove = vi.spyOn(signal, 'removeEventListener')
    expect(await processEvent(eventOf(plain(0, 'a')), () => {}, { context, signal })).toEqual(failedAt())
    expect(vi.getTimerCount()).toBe(0)
    expect(remove).toHaveBeenCalledOnce()
  })
})

describe('signal', () => {
  it('stops at its moment', async () => {
    const controller = new AbortController()
    const { handled, handle } = recorder()
    const response = await processEvent(
      eventOf(plain(0, 'a'), plain(1, 'b'), plain(2, 'c')),
      record => {
        handle(record)
        if (text(record) === 'b') controller.abort()
      },
      { signal: controller.signal, onFailure: () => {} }
    )
    expect(response).toEqual(failedAt(2))
    expect(handled).toEqual(['a', 'b'])
  })

  it('stops synchronous handlers too, which keep timers from running', async () => {
    let handled = 0
    const response = await processEvent(
      eventOf(...numbers(3000).map((number, i) => plain(i, number))),
      () => {
        spin(1)
        handled++
      },
      { signal: AbortSignal.timeout(100), onFailure: () => {} }
    )
    expect(handled).toBeLessThan(1000)
    expect(response).toEqual(failedAt(handled))
  })

  it('lets one record start if it was aborted before', async () => {
    const { handled, handle } = recorder()
    const response = await processEvent(eventOf(plain(0, 'a'), plain(1, 'b')), handle, {
      signal: AbortSignal.abort(),
      onFailure: () => {}
    })
    expect(response).toEqual(failedAt(1))
    expect(handled).toEqual(['a'])
  })
})
