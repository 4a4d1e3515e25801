import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ResumeMemory, processEvent } from 'kinesis-agg'
import {
  aggregated,
  eventOf,
  failedAt,
  numbers,
  plain,
  recorder,
  refused,
  text,
  turns
} from '../support/stream-event'

const onFailure = (): void => {}
let resume: ResumeMemory

beforeEach(() => {
  resume = new ResumeMemory()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('ResumeMemory', () => {
  it('takes an aggregate up where it failed', async () => {
    const event = eventOf(aggregated(0, numbers(100)))
    let calls = 0
    let attempt = 0
    const handle = (record: { data: Buffer }): void => {
      calls++
      if (text(record) === '99' && attempt < 5) throw refused
    }
    for (attempt = 1; attempt < 5; attempt++) {
      expect(await processEvent(event, handle, { resume, onFailure })).toEqual(failedAt(0))
    }
    expect(await processEvent(event, handle, { resume, onFailure })).toEqual(failedAt())
    // 99 once, and the last one five times; 500 without the memory.
    expect(calls).toBe(104)
  })

  it('keeps two handlers of a process apart', async () => {
    const event = eventOf(aggregated(0, ['a', 'b', 'c']))
    const first = recorder('c')
    const second = recorder('c')
    const other = new ResumeMemory()
    await processEvent(event, first.handle, { resume, onFailure })
    await processEvent(event, second.handle, { resume: other, onFailure })
    expect(first.handled).toEqual(['a', 'b'])
    expect(second.handled).toEqual(['a', 'b'])
  })

  it('remembers nothing of records that share an eventID', async () => {
    const event = eventOf(plain(0, 'a'), aggregated(0, ['b', 'c']))
    const { handled, handle } = recorder('c')
    await processEvent(event, handle, { resume, onFailure })
    const again = recorder()
    await processEvent(event, again.handle, { resume, onFailure })
    expect(handled).toEqual(['a', 'b'])
    expect(again.handled).toEqual(['a', 'b', 'c'])
  })

  it('is no deduplication: the same bytes under another sequence number are handled', async () => {
    const [first, second] = [aggregated(0, ['a', 'b']), aggregated(1, ['a', 'b'])]
    await processEvent(eventOf(first), recorder('b').handle, { resume, onFailure })
    const { handled, handle } = recorder()
    await processEvent(eventOf(second), handle, { resume, onFailure })
    expect(handled).toEqual(['a', 'b'])
  })

  it('knows a plain record behind the failure', async () => {
    const event = eventOf(plain(0, 'a'), plain(1, 'b'))
    const handled: string[] = []
    let bad = true
    const handle = async (record: { data: Buffer }): Promise<void> => {
      if (text(record) === 'a' && bad) {
        await turns(5)
        throw refused
      }
      handled.push(text(record))
    }
    const options = { resume, onFailure, concurrency: 2 }
    expect(await processEvent(event, handle, options)).toEqual(failedAt(0))
    expect(handled).toEqual(['b'])
    bad = false
    expect(await processEvent(event, handle, options)).toEqual(failedAt())
    expect(handled).toEqual(['b', 'a'])
  })

  it('knows what was skipped', async () => {
    const event = eventOf(aggregated(0, ['a', 'b', 'c']))
    const skipping = {
      resume,
      onFailure: (_: unknown, record?: { data: Buffer }) =>
        text(record!) === 'a' ? ('skip' as const) : undefined
    }
    await processEvent(event, recorder('a', 'c').handle, skipping)
    const { handled, handle } = recorder()
    await processEvent(event, handle, { resume })
    expect(handled).toEqual(['c'])
  })

  it('takes what settles after the answer for not handled', async () => {
    const event = eventOf(aggregated(0, ['a', 'b']))
    let finish = (): void => {}
    const handled: string[] = []
    const handle = (record: { data: Buffer }): Promise<void> | void => {
      handled.push(text(record))
      if (text(record) !== 'b') return undefined
      return new Promise(resolve => {
        finish = resolve
      })
    }
    const controller = new AbortController()
    const processed = processEvent(event, handle, { resume, onFailure, signal: controller.signal })
    await turns(2)
    controller.abort()
    expect(await processed).toEqual(failedAt(0))
    finish()
    await turns(2)
    const again = processEvent(event, handle, { resume, onFailure })
    await turns(2)
    finish()
    await again
    expect(handled).toEqual(['a', 'b', 'b'])
  })

  it('forgets a record once an answer passes it', async () => {
    const event = eventOf(aggregated(0, ['a', 'b']), plain(1, 'c'))
    await processEvent(event, recorder('b').handle, { resume, onFailure })
    await processEvent(event, recorder('c').handle, { resume, onFailure })
    const { handled, handle } = recorder()
    await processEvent(event, handle, { resume, onFailure })
    expect(handled).toEqual(['a', 'b', 'c'])
  })

  it('remembers all of a batch that comes again whole', async () => {
    const event = eventOf(aggregated(0, ['a', 'b']), plain(1, 'c'))
    const options = { resume, onFailure, bisect: true }
    await expect(processEvent(event, recorder('b').handle, options)).rejects.toBe(refused)
    const { handled, handle } = recorder()
    await processEvent(event, handle, options)
    expect(handled).toEqual(['b', 'c'])
  })

  it('forgets after 15 minutes', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const event = eventOf(aggregated(0, ['a', 'b']))
    await processEvent(event, recorder('b').handle, { resume, onFailure })
    vi.advanceTimersByTime(15 * 60 * 1000 - 1)
    const before = recorder('b')
    await processEvent(event, before.handle, { resume, onFailure })
    expect(before.handled).toEqual([])
    vi.advanceTimersByTime(15 * 60 * 1000)
    const after = recorder()
    await processEvent(event, after.handle, { resume, onFailure })
    expect(after.handled).toEqual(['a', 'b'])
  })

  it('holds 1,000 records, and forgets the oldest', async () => {
    const event = (i: number) => eventOf(aggregated(i, [`a${i}`, 'bad']))
    for (let i = 0; i <= 1000; i++)
      await processEvent(event(i), recorder('bad').handle, { resume, onFailure })
    const handledAgain = async (i: number): Promise<string[]> => {
      const { handled, handle } = recorder('bad')
      await processEvent(event(i), handle, { resume, onFailure })
      return handled
    }
    expect(await handledAgain(1000)).toEqual([])
    expect(await handledAgain(1)).toEqual([])
    expect(await handledAgain(0)).toEqual(['a0'])
  })

  it('adds up what two invocations at a time handled of a record', async () => {
    const event = eventOf(aggregated(0, ['a', 'b', 'c']))
    const failingAt =
      (bad: string) =>
      async (record: { data: Buffer }): Promise<void> => {
        await turns(text(record) === bad ? 5 : 1)
        if (text(record) === bad) throw refused
      }
    await Promise.all([
      processEvent(event, failingAt('b'), { resume, onFailure }),
      processEvent(event, failingAt('a'), { resume, onFailure, concurrency: 3 })
    ])
    const { handled, handle } = recorder()
    await processEvent(event, handle, { resume })
    expect(handled).toEqual([])
  })

  it('holds no more with 50 invocations at a time', async () => {
    const all = numbers(50).map(Number)
    let bad = true
    let calls = 0
    // The first of 100 fails when the 99 behind it are handled: 4,950 to remember.
    const invoke = async (i: number): Promise<object> =>
      processEvent(
        eventOf(...numbers(100).map((number, j) => plain(100 * i + j, number))),
        async record => {
          calls++
          await turns(text(record) === '0' ? 5 : 1)
          if (bad && text(record) === '0') throw refused
        },
        { resume, onFailure, concurrency: 100 }
      )
    expect(await Promise.all(all.map(invoke))).toEqual(all.map(i => failedAt(100 * i)))
    expect(calls).toBe(5000)
    bad = false
    calls = 0
    // Nothing is remembered of what succeeds, so that this counts what was forgotten.
    for (const i of all) expect(await invoke(i)).toEqual(failedAt())
    expect(calls).toBe(50 + 4950 - 1000)
  })

  it('is shared by 50 invocations at a time without cross-talk', async () => {
    const handled = new Map<string, number>()
    let bad = true
    const invoke = async (i: number): Promise<object> =>
      processEvent(
        eventOf(aggregated(i, [`${i}-a`, `${i}-b`, `${i}-c`])),
        async record => {
          await turns(1 + (i % 3))
          if (bad && text(record).endsWith(i % 2 === 0 ? 'b' : 'c')) throw refused
          handled.set(text(record), (handled.get(text(record)) ?? 0) + 1)
        },
        { resume, onFailure }
      )
    const all = numbers(50).map(Number)
    expect(await Promise.all(all.map(invoke))).toEqual(all.map(i => failedAt(i)))
    bad = false
    expect(await Promise.all(all.map(invoke))).toEqual(all.map(() => failedAt()))
    expect(handled.size).toBe(150)
    expect(new Set(handled.values())).toEqual(new Set([1]))
  })
})
