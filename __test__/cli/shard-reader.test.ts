/** One shard, and answers that the service gives seldom. */
import type { _Record } from '@aws-sdk/client-kinesis'
import * as sdk from '@aws-sdk/client-kinesis'
import { describe, expect, it } from 'vitest'
import { type Pace, ShardReader } from '../../src-js/cli/shard-reader'
import { FakeClock } from '../support/cli-clock'

const metadata = { $metadata: {}, message: 'made up' }
const HOUR = 3_600_000

const recordOf = (SequenceNumber: string, time = 0): _Record => ({
  SequenceNumber,
  PartitionKey: 'k',
  Data: Buffer.from(SequenceNumber),
  ApproximateArrivalTimestamp: new Date(time)
})

/** An answer without records, of a shard that is read up to now. */
const empty = (behind = 0) => ({ Records: [], NextShardIterator: 'next', MillisBehindLatest: behind })

const closed = { Records: [recordOf('9')] }

const times = (count: number, step: Step): Step[] => Array.from({ length: count }, () => step)

/** What happens instead of an answer, before it or with it. */
type Step = object | Error | ((clock: FakeClock) => object | Error)

/** Reads with these answers to GetRecords: the iterators asked for, what came, the pauses, and what was said. */
async function read(
  answers: Step[],
  { until, retention }: { until?: number; retention?: number | Error } = {}
) {
  const clock = new FakeClock(50 * HOUR)
  const asked: unknown[] = []
  const taken: string[] = []
  const paces: Pace[] = []
  const said: string[] = []
  const left = [...answers]
  const send = async (command: { input: Record<string, unknown> }) => {
    if (command instanceof sdk.GetShardIteratorCommand) {
      asked.push([command.input.ShardIteratorType, command.input.StartingSequenceNumber])
      return { ShardIterator: 'first' }
    }
    if (command instanceof sdk.DescribeStreamSummaryCommand) {
      if (retention instanceof Error) throw retention
      return { StreamDescriptionSummary: { RetentionPeriodHours: retention } }
    }
    const step = left.shift()
    const answer = typeof step === 'function' ? step(clock) : step
    if (answer === undefined) throw new Error('no more answers')
    if (answer instanceof Error) throw answer
    return answer
  }
  const serverTime = () => clock.now()
  const reader = new ShardReader(
    {
      target: { stream: 's', profile: undefined, region: undefined, endpoint: undefined },
      signal: new AbortController().signal,
      clock,
      until,
      request: request => request({ sdk, client: { send } as never, serverTime }),
      serverTime,
      take: async (_, records) => void taken.push(...records.map(record => record.SequenceNumber!)),
      paced: (_, pace) => paces.push(pace),
      say: text => said.push(text)
    },
    'shard',
    { ShardIteratorType: 'TRIM_HORIZON' }
  )
  const isClosed = await reader.run()
  return { isClosed, asked, taken, left, paces, said, slept: clock.slept }
}

describe('an iterator that has expired', () => {
  it('is asked for again, after the last record', async () => {
    const { isClosed, asked, taken } = await read([
      { Records: [recordOf('1'), recordOf('2')], NextShardIterator: 'next', MillisBehindLatest: 5 },
      new sdk.ExpiredIteratorException(metadata),
      { Records: [recordOf('3')] }
    ])
    expect(asked).toEqual([
      ['TRIM_HORIZON', undefined],
      ['AFTER_SEQUENCE_NUMBER', '2']
    ])
    expect([isClosed, taken]).toEqual([true, ['1', '2', '3']])
  })

  it('before a record came begins again at the start', async () => {
    const { asked, taken } = await read([
      new sdk.ExpiredIteratorException(metadata),
      { Records: [recordOf('1')] }
    ])
    expect([asked.length, asked[1], taken]).toEqual([2, ['TRIM_HORIZON', undefined], ['1']])
  })
})

describe('the pace', () => {
  it('is slow while the shard is throttled, and nothing is lost', async () => {
    const throttle = new sdk.ProvisionedThroughputExceededException(metadata)
    const { taken, slept, asked, paces } = await read([
      ...times(5, throttle),
      { ...empty(), Records: [recordOf('1')] },
      closed
    ])
    expect([taken, asked.length]).toEqual([['1', '9'], 1])
    expect(slept).toEqual([2000, 4000, 8000, 10_000, 10_000, 1000])
    expect(paces.map(({ isThrottled }) => isThrottled)).toEqual([true, true, true, true, true, false])
  })

  it('is fast while the shard is behind', async () => {
    const { slept, paces } = await read([empty(9000), empty(500), empty(), closed])
    expect(slept).toEqual([250, 250, 1000])
    expect(paces.map(({ behindMs }) => behindMs)).toEqual([9000, 500, 0])
  })

  it('is slower and slower while nothing comes, until something does', async () => {
    const some = { ...empty(), Records: [recordOf('1')] }
    const { slept, paces } = await read([...times(20, empty()), some, closed])
    expect(slept).toEqual([
      ...Array<number>(10).fill(1000),
      1500,
      2000,
      2500,
      3000,
      3500,
      4000,
      4500,
      ...Array<number>(3).fill(5000),
      1000
    ])
    expect(paces.filter(({ isIdle }) => isIdle)).toHaveLength(10)
    expect(paces.at(-1)).toEqual({ behindMs: 0, isThrottled: false, isIdle: false })
  })
})

describe('the end', () => {
  it('is before the first record that is too late, not at an empty answer', async () => {
    const { isClosed, taken, left } = await read(
      [
        { Records: [], NextShardIterator: 'a', MillisBehindLatest: 50 * HOUR },
        { Records: [recordOf('1', 500), recordOf('2', 501)], NextShardIterator: 'b', MillisBehindLatest: 8 },
        { Records: [recordOf('3', 502)] }
      ],
      { until: 500 }
    )
    expect([isClosed, taken, left.length]).toEqual([false, ['1'], 1])
  })

  it('is where the server is past it and has no more', async () => {
    const { isClosed, taken } = await read([empty()], { until: 500 })
    expect([isClosed, taken]).toEqual([false, []])
  })
})

describe('failures', () => {
  const failure = (name: string, more = {}) => Object.assign(new Error('no'), { name, ...more })

  it('that do not pass end the reading at once', async () => {
    await expect(read([failure('AccessDeniedException')])).rejects.toThrow('no')
  })

  it.each([
    ['of the network', failure('Error', { code: 'ECONNRESET' })],
    ['of the service', failure('InternalFailure', { $fault: 'server' })]
  ])('%s are borne for five minutes', async (_, error) => {
    const { taken, slept } = await read([...times(30, error), closed])
    expect(taken).toEqual(['9'])
    expect(slept.reduce((sum, ms) => sum + ms)).toBeLessThanOrEqual(300_000)
    await expect(read([...times(40, error), closed])).rejects.toThrow('no')
  })

  it('begin to count anew after an answer', async () => {
    const error = failure('TimeoutError')
    const twenty = times(20, error)
    expect((await read([...twenty, empty(), ...twenty, closed])).taken).toEqual(['9'])
  })
})

describe('a gap', () => {
  const after = (hours: number): Step[] => [
    { ...empty(), Records: [recordOf('1')] },
    clock => {
      clock.advance(hours * HOUR)
      return new sdk.ExpiredIteratorException(metadata)
    },
    closed
  ]

  it('is told if records are past the retention', async () => {
    const { said, taken } = await read(after(30), { retention: 24 })
    expect(said).toEqual([
      'shard: records that arrived from 1970-01-03T02:00:00.000Z to 1970-01-03T08:00:01.000Z were not read, ' +
        'and are past the retention of 24 hours'
    ])
    expect(taken).toEqual(['1', '9'])
  })

  it.each<[string, number, number | Error]>([
    ['the stream keeps more', 30, 48],
    ['it was short', 23, 24]
  ])('is not told if %s', async (_, hours, retention) => {
    expect((await read(after(hours), { retention })).said).toEqual([])
  })

  it('is told of the least retention if one may not ask', async () => {
    const error = Object.assign(new Error('no'), { name: 'AccessDeniedException' })
    expect((await read(after(30), { retention: error })).said).toHaveLength(1)
  })
})
