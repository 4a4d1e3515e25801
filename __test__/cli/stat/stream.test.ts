/** Samples of a stream whose answers are made up. */
import type { _Record } from '@aws-sdk/client-kinesis'
import * as sdk from '@aws-sdk/client-kinesis'
import { aggregate } from 'kinesis-agg'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ShardRanges } from '../../../src-js/cli/stat-ranges'
import { reportOf } from '../../../src-js/cli/stat-report'
import { MAX_BYTES_PER_SHARD, surveyStream } from '../../../src-js/cli/stat-stream'
import { Survey } from '../../../src-js/cli/stat-survey'

const NOW = Date.UTC(2026, 10, 25, 10)
const MIB = 2 ** 20
const metadata = { $metadata: {}, message: 'made up' }

let told: string
beforeEach(() => {
  told = ''
  vi.spyOn(process.stderr, 'write').mockImplementation(text => {
    told += text as string
    return true
  })
})
afterEach(() => {
  vi.restoreAllMocks()
})

const shardId = (number: number): string => `shardId-${String(number).padStart(12, '0')}`

function shardsOf(count: number) {
  const width = 2n ** 128n / BigInt(count)
  return Array.from({ length: count }, (_, i) => ({
    ShardId: shardId(i),
    HashKeyRange: {
      StartingHashKey: String(BigInt(i) * width),
      EndingHashKey: String(i === count - 1 ? 2n ** 128n - 1n : BigInt(i + 1) * width - 1n)
    }
  }))
}

let serial = 0
const recordOf = (Data: Buffer, ms = -1000): _Record => ({
  Data,
  PartitionKey: 'k',
  SequenceNumber: String(++serial),
  ApproximateArrivalTimestamp: new Date(NOW + ms)
})

interface Stream {
  summary?: object
  shards?: ReturnType<typeof shardsOf>
  /** Answers to GetRecords of a shard, one after the other. */
  pages: (shard: string, page: number) => _Record[] | Error | undefined
}

/** Samples it; the iterators and pages asked for are in `asked`. */
async function sampled(
  { summary = {}, shards = shardsOf(1), pages }: Stream,
  selection = {},
  signal?: AbortSignal
) {
  const asked: object[] = []
  const given = new Map<string, number>()
  let inFlight = 0
  let mostInFlight = 0
  const answer = (input: Record<string, unknown>): object => {
    if ('ShardIteratorType' in input) return { ShardIterator: input['ShardId'] }
    if ('ShardFilter' in input) return { Shards: shards }
    if (!('ShardIterator' in input)) return { StreamDescriptionSummary: summary }
    const shard = input['ShardIterator'] as string
    const page = given.get(shard) ?? 0
    given.set(shard, page + 1)
    const Records = pages(shard, page)
    if (Records instanceof Error) throw Records
    return {
      Records: Records ?? [],
      NextShardIterator: shard,
      MillisBehindLatest: Records === undefined ? 0 : 5000
    }
  }
  const send = async ({ input }: { input: Record<string, unknown> }) => {
    asked.push(input)
    mostInFlight = Math.max(mostInFlight, ++inFlight)
    await new Promise(resolve => setImmediate(resolve))
    inFlight--
    return answer(input)
  }
  const ranges = new ShardRanges()
  const survey = new Survey(ranges)
  const sample = await surveyStream(
    {
      connection: { sdk, client: { send } as never, serverTime: () => NOW },
      target: { stream: 'readings', profile: undefined, region: undefined, endpoint: undefined }
    },
    { since: '5m', until: 'now', shards: [], ...selection },
    survey,
    ranges,
    signal ?? new AbortController().signal
  )
  return { asked, sample, survey, mostInFlight, report: sample && reportOf(sample, survey) }
}

it('takes the 5 minutes before the present second, and says so first', async () => {
  const { asked, report } = await sampled({
    pages: (_, page) =>
      page === 0 ? [recordOf(Buffer.from('x')), recordOf(Buffer.from('late'), 0)] : undefined
  })
  const Timestamp = new Date(NOW - 300_000)
  expect(asked[1]).toMatchObject({ ShardFilter: { Type: 'FROM_TIMESTAMP', Timestamp } })
  expect(asked[2]).toMatchObject({ ShardIteratorType: 'AT_TIMESTAMP', Timestamp })
  expect(told).toBe(
    'kinesis-agg: reading readings from 2026-11-25T09:55:00.000Z to 2026-11-25T09:59:59.999Z, at most 10 MiB of each shard\n'
  )
  expect(report!.sample).toMatchObject({ kinesisRecords: 1, from: '2026-11-25T09:55:00.000Z', shards: 1 })
})

it('takes all from the oldest record, or the wanted shards alone', async () => {
  const { asked, report } = await sampled(
    {
      shards: shardsOf(3),
      pages: (_, page) => (page === 0 ? [recordOf(Buffer.from('x'), -9000)] : undefined)
    },
    { since: 'start', shards: ['1'] }
  )
  expect(asked[1]).toMatchObject({ ShardFilter: { Type: 'FROM_TRIM_HORIZON' } })
  expect(asked[2]).toMatchObject({ ShardIteratorType: 'TRIM_HORIZON', ShardId: shardId(1) })
  expect(report!.sample).toMatchObject({ shards: 1, kinesisRecords: 1, from: '2026-11-25T09:59:51.000Z' })
})

it('stops at 10 MiB of a shard, and says so; the others go on', async () => {
  const { report, survey } = await sampled({
    shards: shardsOf(2),
    pages: (shard, page) => {
      if (shard === shardId(1)) return page < 2 ? [recordOf(Buffer.from('x'))] : undefined
      return Array.from({ length: 4 }, (_, i) =>
        recordOf(Buffer.alloc(MIB), -100_000 + 4000 * page + 1000 * i)
      )
    }
  })
  expect(MAX_BYTES_PER_SHARD).toBe(10 * MIB)
  expect(survey.shards.get(shardId(0))!.asIs.kinesisRecords).toBe(10)
  expect(survey.shards.get(shardId(1))!.asIs.kinesisRecords).toBe(2)
  expect(report!.sample.cutShards).toEqual([{ shardId: shardId(0), at: '2026-11-25T09:58:29.000Z' }])
})

it('is not cut where a shard has just 10 MiB', async () => {
  const { report } = await sampled({
    pages: (_, page) => (page < 10 ? [recordOf(Buffer.alloc(MIB))] : undefined)
  })
  expect(report!.sample).toMatchObject({ kinesisRecords: 10, cutShards: [] })
}, 30_000)

it('reads 1,000 shards, 8 at a time', async () => {
  const { mostInFlight, report } = await sampled({
    shards: shardsOf(1000),
    pages: (shard, page) => (page === 0 ? [recordOf(Buffer.from(shard))] : undefined)
  })
  expect(report!.sample).toMatchObject({ shards: 1000, kinesisRecords: 1000 })
  expect(mostInFlight).toBe(8)
}, 60_000)

it('judges by the range of the shard, closed ones too', async () => {
  const data = (hashKey: bigint) =>
    aggregate([{ partitionKey: 'k', explicitHashKey: hashKey, data: 'x' }])[0]!.data
  const [whole] = shardsOf(1)
  const [left, right] = shardsOf(2).map((shard, i) => ({
    ...shard,
    ShardId: shardId(i + 1),
    ParentShardId: shardId(0)
  }))
  const closed = {
    ...whole!,
    SequenceNumberRange: { StartingSequenceNumber: '0', EndingSequenceNumber: '9' }
  }
  const keys: Record<string, bigint[]> = {
    [shardId(0)]: [1n, 2n ** 127n],
    [shardId(1)]: [1n, 2n ** 127n],
    [shardId(2)]: [2n ** 127n]
  }
  const { report } = await sampled({
    shards: [closed, left!, right!],
    pages: (shard, page) => (page === 0 ? keys[shard]!.map(key => recordOf(data(key))) : undefined)
  })
  expect(report!.kcl).toMatchObject({
    verdict: 'drops',
    kinesisRecords: 1,
    examples: [{ shardId: shardId(1), reason: 'range' }]
  })
})

it('names 10 damaged records, and counts all', async () => {
  const { data } = aggregate([{ partitionKey: 'k', data: 'x' }])[0]!
  data[data.length - 1]! ^= 1
  const { survey } = await sampled({
    pages: (_, page) => (page === 0 ? Array.from({ length: 12 }, () => recordOf(data)) : undefined)
  })
  expect(survey.damaged).toBe(12)
  expect(told.match(/shardId-0{12}, sequence number \d+: Invalid record checksum\n/g)).toHaveLength(10)
  expect(told).toMatch(/\nkinesis-agg: 2 more records are damaged\n$/)
})

it('bears throttling, and what does not pass ends it', async () => {
  const { report } = await sampled({
    pages: (_, page) => {
      if (page === 0) return new sdk.ProvisionedThroughputExceededException(metadata)
      return page === 1 ? [recordOf(Buffer.from('x'))] : undefined
    }
  })
  expect(report!.sample.kinesisRecords).toBe(1)
  const denied = Object.assign(new Error('no'), { name: 'AccessDeniedException' })
  await expect(sampled({ pages: () => denied })).rejects.toBe(denied)
}, 30_000)

it('knows the mode, and who distributes the records', async () => {
  const pages = (): undefined => undefined
  const onDemand = await sampled({
    summary: { StreamModeDetails: { StreamMode: 'ON_DEMAND' }, RecordDistributionStrategy: 'AUTO' },
    pages
  })
  expect(onDemand.report).toMatchObject({ cost: { mode: 'ON_DEMAND' }, kcl: { serviceManaged: true } })
  const provisioned = await sampled({ summary: { StreamModeDetails: { StreamMode: 'PROVISIONED' } }, pages })
  expect(provisioned.report).toMatchObject({ cost: { mode: 'PROVISIONED' }, kcl: { serviceManaged: false } })
})

it('knows no shard of another name', async () => {
  await expect(sampled({ pages: () => undefined }, { shards: ['7', '8'] })).rejects.toThrow(
    "the stream has no shard '7', '8' to read"
  )
})

it('says nothing when it is stopped', async () => {
  const stop = new AbortController()
  const { sample } = await sampled(
    {
      pages: () => {
        stop.abort()
        return [recordOf(Buffer.from('x'))]
      }
    },
    {},
    stop.signal
  )
  expect(sample).toBeUndefined()
})

it('reads no other shard any more when one cannot be read', async () => {
  const denied = Object.assign(new Error('no'), { name: 'AccessDeniedException' })
  let pages = 0
  let failed = 0
  const reading = sampled({
    shards: shardsOf(2),
    pages: (shard, page) => {
      pages++
      if (shard === shardId(1)) return [recordOf(Buffer.from('x'))]
      if (page < 2) return [recordOf(Buffer.from('x'))]
      failed = pages
      return denied
    }
  })
  await expect(reading).rejects.toBe(denied)
  // It reads four times a second.
  await new Promise(resolve => setTimeout(resolve, 1000))
  expect(pages - failed).toBeLessThanOrEqual(1)
})
