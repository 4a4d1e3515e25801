/** One shard, and answers that the service gives seldom. */
import type { _Record } from '@aws-sdk/client-kinesis'
import * as sdk from '@aws-sdk/client-kinesis'
import { expect, it } from 'vitest'
import { readShard } from '../../src-js/cli/shard-reader'

const metadata = { $metadata: {}, message: 'made up' }
const recordOf = (SequenceNumber: string, time = 0): _Record => ({
  SequenceNumber,
  PartitionKey: 'k',
  Data: Buffer.from(SequenceNumber),
  ApproximateArrivalTimestamp: new Date(time)
})

/** Reads with these answers to GetRecords; the iterators asked for, and what came. */
async function read(answers: (object | Error)[], until?: number) {
  const asked: unknown[] = []
  const taken: string[] = []
  const left = [...answers]
  const times: number[] = []
  const send = async (command: { input: Record<string, unknown> }) => {
    const { input } = command
    if ('ShardIteratorType' in input) {
      asked.push([input['ShardIteratorType'], input['StartingSequenceNumber']])
      return { ShardIterator: 'first' }
    }
    times.push(performance.now())
    const answer = left.shift()
    if (answer === undefined) throw new Error('no more answers')
    if (answer instanceof Error) throw answer
    return answer
  }
  const isClosed = await readShard(
    {
      connection: { sdk, client: { send } as never, serverTime: () => 1000 },
      target: { stream: 's', profile: undefined, region: undefined, endpoint: undefined },
      signal: new AbortController().signal,
      until,
      turn: request => request(),
      take: async (_, records) => void taken.push(...records.map(record => record.SequenceNumber!))
    },
    'shard',
    { ShardIteratorType: 'TRIM_HORIZON' }
  )
  return { isClosed, asked, taken, times, left }
}

it('asks for another iterator, after the last record, when one has expired', async () => {
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

it('begins again at the start if the first iterator expires before a record came', async () => {
  const { asked, taken } = await read([
    new sdk.ExpiredIteratorException(metadata),
    { Records: [recordOf('1')] }
  ])
  expect([asked.length, asked[1], taken]).toEqual([2, ['TRIM_HORIZON', undefined], ['1']])
})

it('slows down when it is throttled, and loses nothing', async () => {
  const { taken, times, asked } = await read([
    new sdk.ProvisionedThroughputExceededException(metadata),
    { Records: [recordOf('1')] }
  ])
  expect([taken, asked.length]).toEqual([['1'], 1])
  expect(times[1]! - times[0]!).toBeGreaterThan(1900)
})

it('goes on after empty answers that are behind, and ends before the first record that is too late', async () => {
  const { isClosed, taken, left } = await read(
    [
      { Records: [], NextShardIterator: 'a', MillisBehindLatest: 900 },
      { Records: [recordOf('1', 500), recordOf('2', 501)], NextShardIterator: 'b', MillisBehindLatest: 800 },
      { Records: [recordOf('3', 502)] }
    ],
    500
  )
  expect([isClosed, taken, left.length]).toEqual([false, ['1'], 1])
})

it('ends when the server is past the end and has no more', async () => {
  const { isClosed, taken } = await read(
    [{ Records: [], NextShardIterator: 'a', MillisBehindLatest: 0 }],
    500
  )
  expect([isClosed, taken]).toEqual([false, []])
})

it('does not bear what does not pass', async () => {
  await expect(read([Object.assign(new Error('no'), { name: 'AccessDeniedException' })])).rejects.toThrow(
    'no'
  )
})
