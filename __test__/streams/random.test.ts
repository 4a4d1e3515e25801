/** aggregateStream with writers and readers that pause at random. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type EncodedRecord, aggregateStream, deaggregateSync } from 'kinesis-agg'
import { Random } from '../support/random'

const LINGER_MS = 5

const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

// Time passes when a test says so: the timers of a busy machine are late.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

async function run(seed: number): Promise<void> {
  const random = new Random(seed)
  const stream = aggregateStream({ lingerMs: LINGER_MS, maxSize: 300 })
  const count = 40 + random.below(60)
  const isSlow = random.below(2) === 0
  const writtenAt: number[] = []
  const numbers: number[] = []

  const read = async (): Promise<void> => {
    for await (const encoded of stream.iterator()) {
      const now = performance.now()
      const list = deaggregateSync(encoded as EncodedRecord).map(({ data }) => Number(data.toString()))
      numbers.push(...list)
      if (!isSlow) expect(now - writtenAt[list[0]!]!).toBeLessThanOrEqual(LINGER_MS)
      // One that waited, one that filled up since, and the last one.
      expect(stream.readableLength).toBeLessThanOrEqual(3)
      if (isSlow && random.below(4) === 0) await sleep(random.below(12))
    }
  }
  const write = async (): Promise<void> => {
    for (let i = 0; i < count; i++) {
      writtenAt.push(performance.now())
      const data = String(i).padEnd(1 + random.below(60))
      const isFree = stream.write({ partitionKey: `key-${random.below(3)}`, data })
      if (!isFree) await new Promise(resolve => stream.once('drain', resolve))
      if (random.below(8) === 0) await sleep(random.below(15))
    }
    if (!isSlow) {
      // Without the end of the input: lingerMs alone brings the rest.
      for (let left = 100; numbers.length < count && left > 0; left--) await sleep(LINGER_MS)
      expect(numbers).toHaveLength(count)
    }
    stream.end()
  }
  await Promise.all([read(), write()])
  expect(numbers).toEqual(Array.from({ length: count }, (_, i) => i))
}

it.each(Array.from({ length: 10 }, (_, i) => i))(
  'gives every record once, in order, in time (seeds %i0 on)',
  async ten => {
    const state = { isOver: false }
    const runs = Promise.all(Array.from({ length: 10 }, (_, i) => run(ten * 10 + i)))
    const over = runs.finally(() => (state.isOver = true))
    over.catch(() => {})
    while (!state.isOver) await vi.advanceTimersByTimeAsync(1)
    await over
  }
)
