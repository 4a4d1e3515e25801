/** Many shards, reshards, and lists that fail. */
import type { Shard } from '@aws-sdk/client-kinesis'
import * as sdk from '@aws-sdk/client-kinesis'
import { describe, expect, it } from 'vitest'
import { ShardChoice } from '../../src-js/cli/shard-choice'
import { StreamReader } from '../../src-js/cli/stream-reader'
import { Turns } from '../../src-js/cli/turns'
import { FakeClock } from '../support/cli-clock'

const END = 2n ** 128n - 1n
const idOf = (number: number): string => `shardId-${String(number).padStart(12, '0')}`
const shardOf = (number: number, parents: number[] = [], range: [bigint, bigint] = [0n, END]): Shard => ({
  ShardId: idOf(number),
  ParentShardId: parents[0] === undefined ? undefined : idOf(parents[0]),
  AdjacentParentShardId: parents[1] === undefined ? undefined : idOf(parents[1]),
  HashKeyRange: { StartingHashKey: String(range[0]), EndingHashKey: String(range[1]) },
  SequenceNumberRange: { StartingSequenceNumber: '0' }
})

interface Stream {
  /** What ListShards tells, page by page. */
  list: () => (Shard[] | Error)[]
  /** What a shard answers, by how often it was read; `undefined`: it is closed. */
  answer: (id: string, times: number) => object | undefined
  choice?: ShardChoice
}

/** Reads until all shards are closed, or `stop` is called. */
async function read(
  { list, answer, choice = new ShardChoice([], undefined) }: Stream,
  stop = new AbortController()
) {
  const clock = new FakeClock()
  const turns = new Turns(50)
  const reads: string[] = []
  const times = new Map<string, number>()
  const began: string[] = []
  let inFlight = 0
  let mostInFlight = 0
  let pages: (Shard[] | Error)[] = []
  const send = async (command: object): Promise<object> => {
    mostInFlight = Math.max(mostInFlight, ++inFlight)
    // Answers take a while, so that requests overlap.
    await new Promise(resolve => setImmediate(resolve))
    inFlight--
    if (command instanceof sdk.ListShardsCommand) {
      if (command.input.NextToken === undefined) pages = list()
      const page = pages.shift()!
      if (page instanceof Error) throw page
      return { Shards: page, NextToken: pages.length > 0 ? 'more' : undefined }
    }
    if (command instanceof sdk.GetShardIteratorCommand) return { ShardIterator: command.input.ShardId }
    const id = (command as sdk.GetRecordsCommand).input.ShardIterator!
    reads.push(id)
    times.set(id, (times.get(id) ?? 0) + 1)
    const found = answer(id, times.get(id)!)
    return found === undefined ? { Records: [] } : { Records: [], NextShardIterator: id, ...found }
  }
  const reader = new StreamReader(
    {
      target: { stream: 's', profile: undefined, region: undefined, endpoint: undefined },
      signal: stop.signal,
      clock,
      until: undefined,
      request: request => turns.run(() => request({ sdk, client: { send } as never, serverTime: () => 0 })),
      serverTime: () => 0,
      take: async () => {},
      began: id => began.push(id),
      paced: () => {},
      ended: () => {},
      say: () => {}
    },
    { ShardIteratorType: 'TRIM_HORIZON' },
    { Type: 'FROM_TRIM_HORIZON' },
    choice
  )
  await reader.run()
  return { reads, times, began, mostInFlight, size: reader.size, slept: clock.slept }
}

describe('1,000 shards', () => {
  it('are read in fair turns, with at most 50 requests in flight', async () => {
    const shards = Array.from({ length: 1000 }, (_, i) => shardOf(i))
    const stop = new AbortController()
    let count = 0
    const { times, mostInFlight } = await read(
      {
        list: () => [shards.slice(0, 600), shards.slice(600)],
        answer: () => {
          if (++count === 5000) stop.abort()
          return { MillisBehindLatest: 0 }
        }
      },
      stop
    )
    expect(mostInFlight).toBe(50)
    expect(times.size).toBe(1000)
    for (const number of times.values()) expect([4, 5, 6]).toContain(number)
  })
})

describe('a reshard', () => {
  const closesAfter = (number: number) => (_: string, times: number) =>
    times < number ? { MillisBehindLatest: 0 } : undefined

  it('is followed: children begin when all of their parents are read', async () => {
    const first = [shardOf(0), shardOf(1)]
    let lists = 0
    const { began, reads } = await read({
      list: () => [lists++ === 0 ? first : [...first, shardOf(2, [0, 1])]],
      answer: (id, times) => closesAfter(id === idOf(0) ? 2 : 5)(id, times)
    })
    expect(began).toEqual([idOf(0), idOf(1), idOf(2)])
    expect(reads.slice(0, 7).filter(id => id === idOf(2))).toEqual([])
  })

  it('is found out about also if the list fails at first', async () => {
    const failure = Object.assign(new Error('down'), { name: 'InternalFailure', $fault: 'server' })
    const lists: (Shard[] | Error)[] = [[shardOf(0)], failure, failure]
    const { began, slept } = await read({
      list: () => [lists.shift() ?? [shardOf(0), shardOf(1, [0])]],
      answer: closesAfter(1)
    })
    expect(began).toEqual([idOf(0), idOf(1)])
    expect(slept).toEqual([5000, 5000])
  })
})

describe('only some shards', () => {
  const half = 2n ** 127n
  const shards = [
    shardOf(0),
    shardOf(1, [0], [0n, half - 1n]),
    shardOf(2, [0], [half, END]),
    shardOf(10, [], [half, END])
  ]
  const chosen = async (choice: ShardChoice) =>
    (await read({ list: () => [shards], answer: () => undefined, choice })).began

  it('are read by id or number', async () => {
    expect(await chosen(new ShardChoice(['1', idOf(10)], undefined))).toEqual([idOf(1), idOf(10)])
    expect(await chosen(new ShardChoice(['0'], undefined))).toEqual([idOf(0)])
    const none = new ShardChoice(['7', '8'], undefined)
    expect(await chosen(none)).toEqual([])
    expect(none.missing).toBe("the stream has no shard '7', '8' to read")
  })

  it('are read by a key, before and after a reshard', async () => {
    // MD5 of "a" is 0cc1…, that of "b" is 92eb….
    expect(await chosen(new ShardChoice([], 'a'))).toEqual([idOf(0), idOf(1)])
    expect(await chosen(new ShardChoice([], 'b'))).toEqual([idOf(0), idOf(10), idOf(2)])
  })
})
