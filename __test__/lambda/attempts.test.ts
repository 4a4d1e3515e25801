/** Lambda's retries of a batch until it is done, with failures, skips and stops at random. */
import { describe, expect, it } from 'vitest'
import {
  type DeaggregatedRecord,
  type KinesisStreamRecord,
  ResumeMemory,
  aggregate,
  processEvent
} from 'kinesis-agg'
import { Random } from '../support/random'
import { eventOf, refused, streamRecord, text, turns } from '../support/stream-event'

interface Batch {
  records: KinesisStreamRecord[]
  /** The texts of each record. */
  texts: string[][]
}

const keyOf = (value: string): string => `key-${Number(value) % 4}`

function makeBatch(random: Random): Batch {
  const texts: string[][] = []
  let next = 0
  for (let i = 1 + random.below(6); i > 0; i--) {
    texts.push(Array.from({ length: 1 + random.below(8) }, () => String(next++)))
  }
  const records = texts.map((list, i) => {
    const [encoded] = aggregate(list.map(data => ({ partitionKey: keyOf(data), data })))
    return streamRecord(i, encoded!.data.toString('base64'), encoded!.partitionKey)
  })
  return { records, texts }
}

async function run(seed: number): Promise<void> {
  const random = new Random(seed)
  const { records, texts } = makeBatch(random)
  const all = texts.flat()
  const hasResume = random.below(2) === 0
  const isStopped = random.below(2) === 0
  const concurrency = 1 + random.below(4)
  const chunkSize = random.below(3) === 0 ? 1 + random.below(5) : undefined
  const resume = hasResume ? new ResumeMemory() : undefined

  /** How often each text was handled or skipped. */
  const times = new Map<string, number>()
  const done = (value: string): void => void times.set(value, (times.get(value) ?? 0) + 1)
  let first = 0
  let attempts = 0
  while (first < records.length) {
    // What goes wrong gets rarer, so that there is an end.
    const danger = 4 + attempts++
    const controller = new AbortController()
    const running = new Set<string>()
    const started: string[] = []
    let isOver = false
    const handle = async (given: DeaggregatedRecord | DeaggregatedRecord[]): Promise<void> => {
      const list = (Array.isArray(given) ? given : [given]).map(text)
      const keys = new Set(list.map(keyOf))
      for (const key of keys) expect(running.has(key)).toBe(false)
      for (const key of keys) running.add(key)
      started.push(...list)
      await turns(random.below(3))
      for (const key of keys) running.delete(key)
      if (isOver) return
      if (isStopped && random.below(danger * 3) === 0) controller.abort()
      if (random.below(danger) === 0) throw refused
      // The answer that comes before this function has settled counts it as not handled.
      list.forEach(value => pending.push(value))
    }
    let pending: string[] = []
    const response = await processEvent(eventOf(...records.slice(first)), handle as never, {
      concurrency,
      ...(chunkSize === undefined ? {} : { chunkSize: chunkSize as never }),
      ...(resume === undefined ? {} : { resume }),
      signal: controller.signal,
      onFailure: (error, record) => {
        if (error !== refused || random.below(2) === 0) return undefined
        done(text(record!))
        return 'skip'
      }
    })
    isOver = true
    pending.forEach(done)
    pending = []

    const ofKey = new Map<string, number[]>()
    for (const value of started) ofKey.set(keyOf(value), [...(ofKey.get(keyOf(value)) ?? []), Number(value)])
    for (const list of ofKey.values()) expect(list).toEqual(list.toSorted((a, b) => a - b))

    const [failure] = response.batchItemFailures
    const reported = failure === undefined ? records.length : Number(failure.itemIdentifier) - 1000
    expect(reported).toBeGreaterThanOrEqual(first)
    const handledBefore = texts.slice(0, reported).flat()
    expect(handledBefore.filter(value => !times.has(value))).toEqual([])
    first = reported
  }
  expect([...times.keys()].toSorted()).toEqual(all.toSorted())
  // What a stop finds running counts as not handled.
  if (hasResume && !isStopped) expect(new Set(times.values())).toEqual(new Set([1]))
}

describe('a batch that comes again until it is done', () => {
  it.each(Array.from({ length: 20 }, (_, i) => i))(
    'loses nothing, keeps order, and resumes (seeds %i00 on)',
    async hundred => {
      for (let seed = hundred * 100; seed < hundred * 100 + 100; seed++) {
        try {
          await run(seed)
        } catch (error) {
          throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error })
        }
      }
    }
  )
})
