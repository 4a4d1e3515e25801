/** From records to the report, without a stream. */
import { aggregate } from 'kinesis-agg'
import { describe, expect, it } from 'vitest'
import { ShardRanges } from '../../../src-js/cli/stat-ranges'
import { type Sample, reportOf } from '../../../src-js/cli/stat-report'
import { Survey } from '../../../src-js/cli/stat-survey'
import { textOf } from '../../../src-js/cli/stat-text'

const HALF = 2n ** 127n
const START = Date.UTC(2026, 10, 25, 10)

const shard = (number: number, from: bigint, to: bigint) => ({
  ShardId: `shardId-${String(number).padStart(12, '0')}`,
  HashKeyRange: { StartingHashKey: String(from), EndingHashKey: String(to) }
})
const low = shard(0, 0n, HALF - 1n)
const high = shard(1, HALF, 2n ** 128n - 1n)

function surveyOf(shards: ReturnType<typeof shard>[] = [low, high]): Survey {
  const ranges = new ShardRanges()
  for (const one of shards) ranges.add(one)
  return new Survey(ranges)
}

let serial = 0
function record(Data: Buffer, ms: number, PartitionKey = 'k') {
  return {
    Data,
    PartitionKey,
    SequenceNumber: String(++serial),
    ApproximateArrivalTimestamp: new Date(START + ms)
  }
}
/** An aggregate of records of the lower half but one, if there is one. */
function ofLow(ms: number, ...keys: string[]) {
  const users = keys.map((partitionKey, i) => ({
    partitionKey,
    explicitHashKey: String(i),
    data: 'x'.repeat(100)
  }))
  return record(aggregate(users)[0]!.data, ms, keys[0])
}

const stream: Sample = {
  kind: 'stream',
  name: 'readings',
  from: START,
  until: START + 99_999,
  shards: 2,
  maxBytesPerShard: 10_485_760,
  cut: new Set(),
  mode: 'PROVISIONED',
  isServiceManaged: false
}

describe('a survey of a stream', () => {
  const survey = surveyOf()
  survey.add(ofLow(10, 'a', 'b', 'a'), low.ShardId)
  survey.add(ofLow(20, 'a', 'c'), high.ShardId)
  survey.add(record(Buffer.alloc(2000), 1500, 'plain'), high.ShardId)
  const damaged = ofLow(30, 'a', 'b')
  damaged.Data[damaged.Data.length - 1]! ^= 1
  expect(() => survey.add(damaged, low.ShardId)).toThrow('checksum')
  survey.end()
  const report = reportOf(stream, survey)

  it('says first what was looked at', () => {
    expect(report.sample).toMatchObject({
      stream: 'readings',
      from: '2026-11-25T10:00:00.000Z',
      until: '2026-11-25T10:01:39.999Z',
      kinesisRecords: 4,
      userRecords: 6,
      damaged: 1
    })
    expect(Object.keys(report)).toEqual(['sample', 'aggregation', 'kcl', 'keys', 'shards', 'cost'])
  })

  it('counts what is aggregated, and by whom', () => {
    expect(report.aggregation).toMatchObject({
      aggregates: 2,
      plainRecords: 1,
      userRecordsInAggregates: 5,
      writers: [{ guess: expect.stringContaining('kinesis-agg'), aggregates: 2 }]
    })
  })

  it('judges each by the shard on which it lay', () => {
    expect(report.kcl).toMatchObject({
      verdict: 'drops',
      kinesisRecords: 1,
      userRecords: 2,
      byReason: { range: 1, hashKey: 0, index: 0 },
      unknownAggregates: 0,
      examples: [{ shardId: high.ShardId, reason: 'range', userRecords: 2 }]
    })
  })

  it('looks for keys inside aggregates', () => {
    expect(report.keys.byRecords).toMatchObject({ total: 6, distinct: 4, missed: 0 })
    expect(report.keys.byRecords.keys[0]).toEqual({
      partitionKey: 'a',
      weight: 3,
      share: 0.5,
      shardId: 'several'
    })
    expect(report.keys.byBytes.keys[0]).toMatchObject({
      partitionKey: 'plain',
      weight: 2000,
      shardId: high.ShardId
    })
  })

  it('finds the peak of each shard, the nearest to a limit first', () => {
    expect(report.shards.map(one => [one.shardId, one.peakRecords])).toEqual(
      [
        [high.ShardId, { at: '2026-11-25T10:00:00.000Z', records: 1, ofLimit: 0.001 }],
        [low.ShardId, { at: '2026-11-25T10:00:00.000Z', records: 2, ofLimit: 0.002 }]
      ].toReversed()
    )
    expect(report.shards.find(one => one.shardId === high.ShardId)!.peakBytes).toMatchObject({
      at: '2026-11-25T10:00:01.000Z',
      bytes: 2005
    })
  })

  it('bills the records as they are, user records alone, and aggregated', () => {
    const { mode, asIs, alone, aggregated } = report.cost
    expect(mode).toBe('PROVISIONED')
    // 100 s are a day's 864th part.
    expect(asIs).toMatchObject({ kinesisRecords: 4, putUnits: 4, perDay: { putUnits: 3456 } })
    // The damaged one stays one.
    expect(alone).toMatchObject({ kinesisRecords: 7, putUnits: 7, roundedKilobytes: 8 })
    expect(aggregated).toMatchObject({ kinesisRecords: 4, putUnits: 4 })
  })

  it('is told in this order', () => {
    const text = textOf(report, 100)
    const places = [
      'Sample: stream readings',
      'Aggregated?',
      'Would KCL',
      'Which keys',
      'Peak second',
      'What does it cost?'
    ]
    const found = places.map(place => text.indexOf(place))
    expect(found).toEqual(found.toSorted((a, b) => a - b))
    expect(found[0]).toBe(0)
    expect(text).toContain('Would KCL drop anything? Yes: 2 user records of 1 Kinesis record.')
    expect(text).toContain('by kinesis-agg')
    expect(text).toContain('By whom is a guess')
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
  })
})

describe('what KCL drops is', () => {
  const verdictOf = (survey: Survey): string => reportOf({ kind: 'file', name: 'f' }, survey).kcl.verdict

  it('unknown without shards, and without the shard of a record, never none', () => {
    const without = surveyOf([])
    without.add(ofLow(0, 'a'), low.ShardId)
    const shardless = surveyOf()
    shardless.add(ofLow(0, 'a'))
    const other = surveyOf([high])
    other.add(ofLow(0, 'a'), low.ShardId)
    for (const survey of [without, shardless, other]) {
      expect(verdictOf(survey)).toBe('unknown')
      const text = textOf(reportOf({ kind: 'file', name: 'f' }, survey), 100)
      expect(text).toContain('Would KCL drop anything? Unknown.')
    }
  })

  it('known for records without a shard if there is only one', () => {
    const one = surveyOf([low])
    one.add(ofLow(0, 'a'))
    expect(verdictOf(one)).toBe('keeps')
    const wrong = surveyOf([high])
    wrong.add(ofLow(0, 'a'))
    expect(verdictOf(wrong)).toBe('drops')
  })

  it('nothing where nothing is aggregated', () => {
    const survey = surveyOf([])
    survey.add(record(Buffer.from('plain'), 0))
    expect(verdictOf(survey)).toBe('keeps')
  })

  it('both some and unknown, if so', () => {
    const survey = surveyOf()
    survey.add(ofLow(0, 'a'), high.ShardId)
    survey.add(ofLow(0, 'a'))
    const report = reportOf({ kind: 'file', name: 'f' }, survey)
    expect(report.kcl).toMatchObject({ verdict: 'drops', unknownAggregates: 1 })
    expect(textOf(report, 100)).toContain('Of 1 aggregate it is not known')
  })

  it('what Kinesis distributes itself', () => {
    const survey = surveyOf()
    survey.add(ofLow(0, 'a'), low.ShardId)
    expect(textOf(reportOf({ ...stream, isServiceManaged: true }, survey), 200)).toContain(
      '(AUTO): KCL drops'
    )
  })
})

describe('in text', () => {
  it('a terminal does not obey keys, and they are cut', () => {
    const survey = surveyOf()
    survey.add(record(Buffer.from('x'), 0, '\x1b[2Jkey\u202e\n'), 'shard\x1b[2J')
    survey.add(record(Buffer.from('x'), 0, '我'.repeat(100)), 'shard\x1b[2J')
    const text = textOf(reportOf({ kind: 'file', name: 'f\x07' }, survey), 100)
    expect(text).not.toMatch(/[^\n\P{Cc}]/u)
    expect(text).toContain('\\x1b[2Jkey\\u{202e}\\n')
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
  })

  it('numbers are "at least" where there are too many keys to count', () => {
    const survey = surveyOf()
    for (let i = 0; i < 20_000; i++)
      survey.add(record(Buffer.from('x'), i, i % 2 === 0 ? 'hot' : `k${i}`), low.ShardId)
    const text = textOf(reportOf(stream, survey), 100)
    expect(text).toMatch(/≥ [\d,]+ {2}≥ [\d.]+ % +0 {2}hot\n/)
    expect(text).toContain('"at least"')
  })

  it('shards of which there was more are named, and the rate is of what was read', () => {
    const survey = surveyOf()
    survey.add(record(Buffer.from('x'), 9999), low.ShardId)
    const report = reportOf({ ...stream, cut: new Set([low.ShardId]) }, survey)
    expect(report.sample.cutShards).toEqual([{ shardId: low.ShardId, at: '2026-11-25T10:00:09.999Z' }])
    expect(report.cost.asIs.perDay!.putUnits).toBe(8640)
    expect(textOf(report, 200)).toContain('There was more of 1 shard: 0 at 2026-11-25T10:00:09.999Z')
  })

  it('both modes are told where the mode is not known', () => {
    const survey = surveyOf()
    survey.add(record(Buffer.from('x'), 0))
    const text = textOf(reportOf({ kind: 'file', name: 'f' }, survey), 200)
    expect(text).toMatch(/PUT UNITS {2}KB ROUNDED UP\n/)
    expect(textOf(reportOf({ ...stream, mode: 'ON_DEMAND' }, survey), 200)).not.toContain('PUT UNITS')
  })

  it('nothing is answered where there is nothing', () => {
    const text = textOf(reportOf(stream, surveyOf()), 100)
    expect(text).toMatch(/^Sample: .*\n.*\n\nThere are no Kinesis records, and so no answers\.\n$/)
  })
})
