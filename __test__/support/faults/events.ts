/** Checks of the cases about Lambda events and streams. */
import { once } from 'node:events'
import { expect, vi } from 'vitest'
import {
  type EncodedRecord,
  aggregate,
  aggregateStream,
  deaggregateEvent,
  deaggregateSync,
  processEvent
} from 'kinesis-agg'
import { leastCpuMs } from '../cpu-time'
import type { Check } from './fault'

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** What a pool of its simplest form does with as many handlers. */
async function plainPool(count: number, concurrency: number, handler: () => Promise<void>): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next++ < count) await handler()
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
}

export const events: Record<string, Check> = {
  'flush-interval-starves': async ({ input }) => {
    const { flushIntervalMs: lingerMs, everyMs, records } = input as Record<string, number>
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    try {
      const ages: number[] = []
      let first: number | undefined
      const stream = aggregateStream({ lingerMs: lingerMs! }).on('data', () => {
        ages.push(Date.now() - first!)
        first = undefined
      })
      for (let i = 0; i < records!; i++) {
        first ??= Date.now()
        stream.write({ partitionKey: 'k', data: 'x' })
        await turn()
        await vi.advanceTimersByTimeAsync(everyMs!)
      }
      expect(ages.length).toBeGreaterThan((records! * everyMs!) / (lingerMs! + everyMs!) - 1)
      for (const age of ages) expect(age).toBeLessThanOrEqual(lingerMs!)
    } finally {
      vi.useRealTimers()
    }
  },

  'stalled-reader': async () => {
    const stream = aggregateStream({ maxSize: 51_200, lingerMs: 1 })
    let written = 0
    let mayWrite = true
    for (; mayWrite && written < 2000; written++) {
      mayWrite = stream.write({ partitionKey: 'k', data: Buffer.alloc(40_000) })
      await new Promise(resolve => setTimeout(resolve, 3))
    }
    expect(mayWrite).toBe(false)
    expect(stream.readableLength).toBeLessThanOrEqual(4)
    const encoded: EncodedRecord[] = []
    const drain = once(stream, 'drain')
    stream.on('data', one => encoded.push(one))
    await drain
    stream.end()
    await once(stream, 'end')
    expect(deaggregateSync(encoded)).toHaveLength(written)
  },

  'on-failure-throws': async ({ input, expected }) => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    try {
      const answer = await processEvent(
        input as never,
        ({ data }) => {
          if (String(data) === 'c') throw new Error('boom')
        },
        {
          onFailure() {
            throw new Error('alerting is down')
          }
        }
      )
      expect(answer).toEqual(expected)
      expect(log.mock.calls.flat().join(' ')).toContain('alerting is down')
    } finally {
      log.mockRestore()
    }
  },

  'no-partition-key-concurrency': async () => {
    const Records = Array.from({ length: 20 }, (_, i) => ({
      kinesis: { data: 'eA==', sequenceNumber: String(i) }
    }))
    let running = 0
    const seen: number[] = []
    await processEvent(
      { Records } as never,
      async () => {
        seen.push(++running)
        await new Promise(resolve => setTimeout(resolve, 20))
        running--
      },
      { concurrency: 5 }
    )
    expect(seen).toHaveLength(20)
    expect(Math.max(...seen)).toBe(5)
  },

  'pipes-array': async ({ input }) => {
    expect(deaggregateEvent(input as never).map(({ data }) => String(data))).toEqual(['u0'])
    const handled: string[] = []
    const answer = await processEvent(input as never, ({ data }) => void handled.push(String(data)))
    expect([handled, answer]).toEqual([['u0'], { batchItemFailures: [] }])
  },

  's3-failure-object'({ input }) {
    expect(deaggregateEvent(input as never).map(({ data }) => String(data))).toEqual(['u0'])
  },

  'window-state': async ({ input, expected }) => {
    expect(await processEvent(input as never, () => {})).toEqual(expected)
  },

  /** That a slow handler keeps no memory: `lambda/concurrency.test.ts`. */
  'concurrency-cost': async () => {
    const count = 20_000
    const inputs = Array.from({ length: count }, (_, i) => ({ partitionKey: `key-${i}`, data: 'x' }))
    const Records = aggregate(inputs, { maxSize: 50_000 }).map(({ data, partitionKey }, i) => ({
      kinesis: { data: data.toString('base64'), partitionKey, sequenceNumber: String(i) }
    }))
    let handled = 0
    const handler = async (): Promise<void> => {
      await turn()
      handled++
    }
    const run = (): Promise<unknown> => processEvent({ Records } as never, handler, { concurrency: 1000 })
    const plain = await leastCpuMs(() => plainPool(count, 1000, handler))
    const ours = await leastCpuMs(run)
    expect(handled).toBe(6 * count)
    // It was 19 s and more where a plain pool takes 0.03 s.
    expect(ours).toBeLessThan(plain * 10 + 100)
  },

  'wrong-range-is-no-poison': async () => {
    const Records = [{ kinesis: { data: 'eA==', partitionKey: 'k', sequenceNumber: '1' } }]
    const handler = vi.fn()
    await expect(
      processEvent({ Records } as never, handler, { hashKeyRange: 5 } as never)
    ).rejects.toMatchObject({
      code: 'ERR_INVALID_ARG_TYPE'
    })
    expect(handler).not.toHaveBeenCalled()
  }
}
