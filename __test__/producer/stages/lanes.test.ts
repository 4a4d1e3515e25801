/** Which lanes there are, and whose pace they have, when shards come and go. */
import '../../support/source-binary'
import { expect, it, vi } from 'vitest'
import { systemClock } from '../../../src-js/producer/clock'
import { type LaneDependencies, Lanes } from '../../../src-js/producer/lanes'
import { ShardPaces } from '../../../src-js/producer/shard-paces'
import { SlabPool } from '../../../src-js/producer/slab'
import { StreamShards } from '../../../src-js/producer/stream-shards'

const END = 1n << 128n

/** The shards `a`, `b` … between these 128ths of the hash keys. */
const listing = (...shards: [id: string, from: number, to: number][]) =>
  shards.map(([ShardId, from, to]) => ({
    ShardId,
    HashKeyRange: {
      StartingHashKey: String((END * BigInt(from)) / 128n),
      EndingHashKey: String((END * BigInt(to)) / 128n - 1n)
    }
  }))

function start() {
  const shards = new StreamShards()
  shards.take(listing(['a', 0, 64], ['b', 64, 128]), 0, 0, [])
  const paces = new ShardPaces(1, systemClock)
  const parts: LaneDependencies = {
    pool: new SlabPool(),
    shards,
    paceOf: id => paces.of(id),
    move: (lane, pace) => {
      lane.pace = pace
    },
    unblocked: vi.fn()
  }
  return { shards, paces, parts, lanes: new Lanes(parts) }
}

it('an empty lane of a key is forgotten; one with something out is not', () => {
  const { lanes } = start()
  const laneOf = (hashKey: number) =>
    lanes.ofKey('\0'.repeat(15) + String.fromCharCode(hashKey), BigInt(hashKey))
  const [empty, flying, held, ofShard] = [laneOf(1), laneOf(2), laneOf(3), lanes.atShard(0)]
  flying.flights = 1
  held.held = 1
  for (const lane of [empty, flying, held, ofShard]) lanes.emptied(lane)
  expect(new Set(lanes)).toEqual(new Set([ofShard, flying, held]))
  expect([1n, 2n, 3n].map(hashKey => lanes.find('key', () => hashKey))).toEqual([undefined, flying, held])
})

it('a lane of a key has the pace of its shard, also after a reshard', () => {
  const { lanes, shards, paces } = start()
  const hashKey = END - 1n
  const lane = lanes.ofKey('k', hashKey)
  expect(lane.pace).toBe(paces.of('b'))
  shards.take(listing(['a', 0, 64], ['c', 64, 96], ['d', 96, 128]), 1, 0, [])
  expect(lanes.recut('key')).toEqual([])
  expect(lane.shard?.id).toBe('d')
  expect(lane.pace).toBe(paces.of('d'))
  shards.forget()
  lanes.recut('key')
  expect(lane.shard).toBeUndefined()
  expect(lane.pace).toBe(paces.of(undefined))
})

it('a lane stays while its shard does; others are no more, and block what overlaps while something is out', () => {
  const { lanes, shards, parts } = start()
  const [a, b] = [lanes.atShard(0), lanes.atShard(1)]
  b.flights = 1
  expect(lanes.fence.blocks(b)).toBe(false)
  shards.take(listing(['a', 0, 64], ['c', 64, 96], ['d', 96, 128]), 1, 0, [])
  expect(lanes.recut('shard')).toEqual([b])
  expect(lanes.atShard(0)).toBe(a)
  const [c, d] = [lanes.atShard(1), lanes.atShard(2)]
  expect([a, c, d].map(lane => lanes.fence.blocks(lane))).toEqual([false, true, true])
  lanes.leave(b)
  expect(lanes.fence.blocks(c)).toBe(true)
  b.flights = 0
  b.held = 1
  lanes.leave(b)
  expect(lanes.fence.blocks(c)).toBe(true)
  b.held = 0
  lanes.leave(b)
  expect([c, d].map(lane => lanes.fence.blocks(lane))).toEqual([false, false])
  expect(parts.unblocked).toHaveBeenCalledOnce()
})

it('a shard of a stream that was made again is another one, though its id is the same', () => {
  const { lanes, shards } = start()
  const [a, b] = [lanes.atShard(0), lanes.atShard(1)]
  shards.take(listing(['a', 0, 128]), 1, 0, [])
  expect(lanes.recut('shard')).toEqual([a, b])
  expect(lanes.atShard(0)).toMatchObject({ lo: 0n, hi: END - 1n })
})

it('a lane whose answer is held blocks as one in flight does', () => {
  const { lanes } = start()
  const lane = lanes.atShard(0)
  lane.held = 1
  lanes.detach(lane)
  expect(lanes.fence.blocks(lanes.atShard(0))).toBe(true)
})

it('a shard that stays keeps what is known of its pace', () => {
  const { paces } = start()
  const [a, b, unknown] = [paces.of('a'), paces.of('b'), paces.of(undefined)]
  paces.keepOpen([{ id: 'a' }])
  expect(paces.of('a')).toBe(a)
  expect(paces.of(undefined)).toBe(unknown)
  expect(paces.of('b')).not.toBe(b)
})

it('a lane counts key, data and 64 bytes for each record that waits or is out', () => {
  const lane = start().lanes.atShard(0)
  const places = Uint32Array.from([3, 0, 7, 0, 3, 0, 17, 1])
  lane.queue.append(Buffer.alloc(30), 0, 30, places, 0, 2)
  expect([lane.records, lane.bytes]).toEqual([2, 30 + 2 * 64])
  const segment = lane.queue.take(1, 10)
  lane.lend({ records: 1, segment } as never)
  expect([lane.records, lane.bytes]).toEqual([2, 30 + 2 * 64])
  lane.takeBack({ records: 1, segment } as never)
  expect([lane.records, lane.bytes]).toEqual([1, 20 + 64])
})
