/** Shard and time of a record, in what `decode` reads. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { linesOf, run } from '../support/cli'

const fixtures = join(__dirname, '..', 'fixtures', 'events')

describe('decode tells shard and time', () => {
  it.each([
    ['kinesis', 'shardId-000000000002', '2025-10-09T08:53:21.123Z'],
    ['firehose', 'shardId-000000000002', '2025-10-09T08:53:20.124Z'],
    ['analytics', 'shardId-000000000002', '2025-10-09T08:53:20.126Z'],
    ['get-records', undefined, '2025-10-09T08:53:20.123Z']
  ])('of %s', async (name, shardId, time) => {
    const [first] = linesOf(await run(['decode', join(fixtures, `${name}.json`)]))
    expect(first).toMatchObject({ approximateArrivalTimestamp: time })
    expect(first!['shardId']).toBe(shardId)
    expect(first).not.toHaveProperty('preview')
  })

  it.each<[string, unknown, string | undefined]>([
    ['seconds', 1760000001.0015, '2025-10-09T08:53:21.002Z'],
    ['milliseconds', 1760000001001, '2025-10-09T08:53:21.001Z'],
    ['text with a zone', '2025-10-09T10:53:20.123000+02:00', '2025-10-09T08:53:20.123Z'],
    ['text that is no time', 'yesterday', undefined],
    ['a number that is no time', 1e300, undefined],
    ['null', null, undefined]
  ])('%s', async (_, ApproximateArrivalTimestamp, expected) => {
    const result = await run(['decode'], JSON.stringify({ Data: 'aGk=', ApproximateArrivalTimestamp }))
    expect(linesOf(result)).toMatchObject([{ data: 'hi' }])
    expect(linesOf(result)[0]!['approximateArrivalTimestamp']).toBe(expected)
  })
})
