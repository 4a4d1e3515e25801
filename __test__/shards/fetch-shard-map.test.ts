import { type ListShardsCommandInput, type Shard } from '@aws-sdk/client-kinesis'
import { describe, expect, it } from 'vitest'
import { ShardMap, ShardedAggregator } from 'kinesis-agg'
import { fetchShardMap } from 'kinesis-agg/sdk'

const MIDDLE = 2n ** 127n
const range = (id: string, start: bigint, end: bigint): Shard => ({
  ShardId: id,
  HashKeyRange: { StartingHashKey: String(start), EndingHashKey: String(end) },
  SequenceNumberRange: { StartingSequenceNumber: '1' }
})
const SHARDS = [range('low', 0n, MIDDLE - 1n), range('high', MIDDLE, 2n ** 128n - 1n)]

/** A client that has one shard on a page, and keeps what it is asked. */
function clientOf(shards: Shard[]) {
  const inputs: ListShardsCommandInput[] = []
  const send = async ({ input }: { input: ListShardsCommandInput }) => {
    inputs.push(input)
    const at = Number(input.NextToken ?? 0)
    return { Shards: [shards[at]!], ...(at + 1 < shards.length ? { NextToken: String(at + 1) } : {}) }
  }
  return { inputs, client: { send } as never }
}

const FIRST = { ShardFilter: { Type: 'AT_LATEST' } }

describe('fetchShardMap', () => {
  it.each([
    ['a name', 'readings', { StreamName: 'readings' }, {}],
    ['{ StreamName }', { StreamName: 'readings' }, { StreamName: 'readings' }, {}],
    [
      '{ StreamARN }, which later pages need too',
      { StreamARN: 'arn' },
      { StreamARN: 'arn' },
      { StreamARN: 'arn' }
    ]
  ])('asks page by page, for %s', async (_, stream, first, later) => {
    const { client, inputs } = clientOf(SHARDS)
    const map = await fetchShardMap(client, stream)
    expect(map.shards.map(({ shardId }) => shardId)).toEqual(['low', 'high'])
    expect(inputs).toEqual([
      { ...first, ...FIRST },
      { NextToken: '1', ...later }
    ])
  })

  it('gives a map of the main entry', async () => {
    const map = await fetchShardMap(clientOf(SHARDS).client, 'readings')
    expect(map).toBeInstanceOf(ShardMap)
    expect(new ShardedAggregator(map).flush()).toEqual([])
  })

  it.each([
    ['no client', undefined, 'readings', 'client'],
    ['a client without send', {}, 'readings', 'client'],
    ['no stream', clientOf(SHARDS).client, undefined, 'stream'],
    ['a stream without a name', clientOf(SHARDS).client, {}, 'stream'],
    ['a number', clientOf(SHARDS).client, { StreamName: 1 }, 'stream']
  ])('refuses %s', async (_, client, stream, name) => {
    await expect(fetchShardMap(client as never, stream as never)).rejects.toMatchObject({
      code: 'ERR_INVALID_ARG_TYPE',
      message: expect.stringMatching(new RegExp(`^${name} must be `))
    })
  })

  it('hands on what the client rejects with, and refuses shards with a gap', async () => {
    const failing = { send: () => Promise.reject(new Error('throttled')) } as never
    await expect(fetchShardMap(failing, 'readings')).rejects.toThrow('throttled')
    await expect(fetchShardMap(clientOf(SHARDS.slice(1)).client, 'readings')).rejects.toMatchObject({
      code: 'ERR_INVALID_SHARDS'
    })
  })
})
