import { describe, expect, it, vi } from 'vitest'
import { aggregate, processEvent, type DeaggregatedRecord } from 'kinesis-agg'
import { leastCpuMs } from '../support/cpu-time'
import { Random } from '../support/random'

interface Made {
  event: { Records: { kinesis: { data: string; partitionKey: string; sequenceNumber: string } }[] }
  /** The numbers of the user records in each Kinesis record. */
  numbers: number[][]
}

const keyOf = (number: number): string => `key-${(number * 7) % 5}`

/** Kinesis records of 1 to 6 user records each, whose data is their number. */
function make(random: Random, count: number): Made {
  const numbers: number[][] = []
  for (let next = 0; next < count;) {
    const size = Math.min(1 + random.below(6), count - next)
    numbers.push(Array.from({ length: size }, (_, i) => next + i))
    next += size
  }
  const Records = numbers.map((list, i) => {
    const users = list.map(number => ({ partitionKey: keyOf(number), data: String(number) }))
    const { data, partitionKey } = aggregate(users)[0]!
    return { kinesis: { data: data.toString('base64'), partitionKey, sequenceNumber: String(1000 + i) } }
  })
  return { event: { Records }, numbers }
}

const numberOf = ({ data }: DeaggregatedRecord): number => Number(data.toString())
const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise(resolve => setImmediate(resolve))
}
const onFailure = (): void => {}

/** Plain records with these keys and sequence numbers from 1000. */
const eventOf = (keys: string[]): Made['event'] => ({
  Records: keys.map((partitionKey, i) => ({
    kinesis: { data: 'eA==', partitionKey, sequenceNumber: String(1000 + i) }
  }))
})

describe('processEvent with concurrency', () => {
  it('runs as many as it may, of a key one at a time', async () => {
    const { event } = make(new Random(1), 200)
    const running = new Set<string>()
    let most = 0
    const response = await processEvent(
      event,
      async ({ partitionKey }) => {
        expect(running.has(partitionKey)).toBe(false)
        running.add(partitionKey)
        most = Math.max(most, running.size)
        await turns(2)
        running.delete(partitionKey)
      },
      { concurrency: 3 }
    )
    expect(response).toEqual({ batchItemFailures: [] })
    expect(most).toBe(3)
  })

  it('names the earliest record that failed, not the first to fail', async () => {
    const { event, numbers } = make(new Random(2), 40)
    const told = vi.fn()
    const response = await processEvent(
      event,
      async record => {
        const number = numberOf(record)
        await turns(20 - number * 5)
        if (number <= 3) throw new Error(`refused ${number}`)
      },
      { concurrency: 4, onFailure: told }
    )
    expect(numbers[0]).toContain(0)
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: '1000' }] })
    expect(told).toHaveBeenCalledWith(
      new Error('refused 0'),
      expect.objectContaining({ subSequenceNumber: 0, source: event.Records[0] }),
      event.Records[0]
    )
  })

  it('rejects if the earliest that failed has no sequence number, whatever failed behind it', async () => {
    const { event } = make(new Random(3), 40)
    event.Records[0]!.kinesis.sequenceNumber = ''
    const call = processEvent(
      event,
      async record => {
        await turns(20 - numberOf(record))
        throw new Error(`refused ${numberOf(record)}`)
      },
      { concurrency: 5, onFailure }
    )
    await expect(call).rejects.toThrow('refused 0')
  })

  it('lets other keys pass one that waits', async () => {
    const keys = ['slow', 'slow', 'a', 'b', 'slow', 'c']
    let release = (): void => {}
    const blocked = new Promise<void>(resolve => {
      release = resolve
    })
    const handled: string[] = []
    const processed = processEvent(
      eventOf(keys),
      async ({ partitionKey }) => {
        if (partitionKey === 'slow') await blocked
        handled.push(partitionKey)
      },
      { concurrency: 2 }
    )
    await turns(20)
    expect(handled).toEqual(['a', 'b', 'c'])
    release()
    expect(await processed).toEqual({ batchItemFailures: [] })
    expect(handled).toEqual(['a', 'b', 'c', 'slow', 'slow', 'slow'])
  })

  it.each([{}, { partitionKey: null }, { partitionKey: '' }])(
    'runs records without a partition key (%j) beside each other',
    async given => {
      const Records = eventOf(Array(20).fill('x')).Records.map(({ kinesis: { data } }) => ({
        kinesis: { data, ...given }
      }))
      let running = 0
      let most = 0
      await processEvent(
        { Records },
        async () => {
          most = Math.max(most, ++running)
          await turns(2)
          running--
        },
        { concurrency: 5 }
      )
      expect(most).toBe(5)
    }
  )

  it('is linear in the records, whatever the concurrency', async () => {
    const records = Array.from({ length: 20_000 }, (_, i) => ({ partitionKey: `key-${i}`, data: 'x' }))
    const Records = aggregate(records, { maxSize: 50_000 }).map(({ data, partitionKey }, i) => ({
      kinesis: { data: data.toString('base64'), partitionKey, sequenceNumber: String(1000 + i) }
    }))
    const timeWith = (concurrency: number): Promise<number> =>
      leastCpuMs(() =>
        processEvent({ Records }, () => new Promise(resolve => setImmediate(resolve)), { concurrency })
      )
    const few = await timeWith(10)
    // Races over all that run took a hundred times as long as this.
    expect(await timeWith(1000)).toBeLessThan(few * 10 + 100)
  })

  it('keeps no memory for each later record while one handler is slow', async () => {
    const count = 100_000
    const records = Array.from({ length: count }, (_, i) => ({ partitionKey: `key-${i % 500}`, data: 'x' }))
    const Records = [
      ...eventOf(['slow']).Records,
      ...aggregate(records, { maxSize: 50_000 }).map(({ data, partitionKey }, i) => ({
        kinesis: { data: data.toString('base64'), partitionKey, sequenceNumber: String(2000 + i) }
      }))
    ]
    let release = (): void => {}
    const blocked = new Promise<void>(resolve => {
      release = resolve
    })
    let handled = 0
    let atFirst = 0
    const heap = (): number => {
      globalThis.gc!()
      return process.memoryUsage().heapUsed
    }
    await processEvent(
      { Records },
      async ({ partitionKey }) => {
        if (partitionKey === 'slow') return blocked
        await undefined
        if (++handled === 1000) atFirst = heap()
        if (handled === count) {
          // 200 bytes a record were held by reactions to the slow promise.
          expect(heap() - atFirst).toBeLessThan(count * 20)
          release()
        }
      },
      { concurrency: 2, onFailure: error => expect.unreachable(String(error)) }
    )
    expect(handled).toBe(count)
  })

  it('stops at a failure whose handlers are synchronous', async () => {
    const handled: string[] = []
    const response = await processEvent(
      eventOf(['a', 'b', 'c', 'd', 'e']),
      ({ partitionKey }) => {
        handled.push(partitionKey)
        if (partitionKey === 'b') throw new Error('refused')
      },
      { concurrency: 3, onFailure }
    )
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: '1001' }] })
    expect(handled).toEqual(['a', 'b'])
  })

  it.each(Array.from({ length: 150 }, (_, seed) => seed))(
    'keeps order and checkpoint (seed %i)',
    async seed => {
      const random = new Random(seed)
      const { event, numbers } = make(random, 60)
      const concurrency = 1 + random.below(8)
      const bad = new Set(Array.from({ length: random.below(4) }, () => random.below(60)))
      const damaged = random.below(3) === 0 ? random.below(numbers.length) : undefined
      if (damaged !== undefined) {
        const { kinesis } = event.Records[damaged]!
        kinesis.data = kinesis.data.slice(0, -4)
      }
      const delays = Array.from({ length: 60 }, () => random.below(6))
      const started: number[] = []
      const handled = new Set<number>()
      let running = 0
      const handle = (number: number): void => {
        running--
        if (bad.has(number)) throw new Error('refused')
        handled.add(number)
      }
      const response = await processEvent(
        event,
        record => {
          const number = numberOf(record)
          started.push(number)
          expect(++running).toBeLessThanOrEqual(concurrency)
          const turnsToWait = delays[number]!
          return turnsToWait > 0 ? turns(turnsToWait).then(() => handle(number)) : handle(number)
        },
        { concurrency, onFailure }
      )
      expect(running).toBe(0)
      for (const key of new Set(started.map(keyOf))) {
        const ofKey = started.filter(number => keyOf(number) === key)
        expect(ofKey).toEqual(ofKey.toSorted((a, b) => a - b))
      }
      expect(new Set(started).size).toBe(started.length)

      const enclosing = (number: number): number => numbers.findIndex(list => list.includes(number))
      const wrong = [...bad].map(enclosing).concat(damaged ?? [])
      const itemIdentifier = String(1000 + Math.min(...wrong))
      expect(response).toEqual({ batchItemFailures: wrong.length === 0 ? [] : [{ itemIdentifier }] })
      const before = wrong.length === 0 ? numbers : numbers.slice(0, Math.min(...wrong))
      for (const number of before.flat()) expect(handled.has(number)).toBe(true)
    }
  )
})
