import { Buffer } from 'node:buffer'
import { MAX_HASH_KEY } from '../hash-key'
import { Fence } from './fence'
import { Lane, type LaneKind } from './lane'
import type { ShardPace } from './shard-pace'
import type { SlabPool } from './slab'
import type { KnownShard, StreamShards } from './stream-shards'

/** How records find their lanes now; `wait`: nobody knows yet. */
export type Routing = LaneKind | 'wait'

export interface LaneDependencies {
  pool: SlabPool
  shards: StreamShards
  paceOf(shardId: string | undefined): ShardPace
  /** The lane belongs to another shard now. */
  move(lane: Lane, pace: ShardPace): void
  /** Nothing of a lane that is no more is out any longer. */
  unblocked(): void
}

interface HashKeyRange {
  readonly lo: bigint
  readonly hi: bigint
}

const ALL: HashKeyRange = { lo: 0n, hi: MAX_HASH_KEY }

/** The lanes of a stream, and those that are no more but have something out. */
export class Lanes {
  /** Lanes that are no more, but have something in flight or held. */
  readonly retired = new Set<Lane>()
  readonly fence = new Fence(this.retired)
  readonly #parts: LaneDependencies
  /** By the position of their shard in the map. */
  #shardLanes: (Lane | undefined)[] = []
  /** By the 16 bytes of their hash key. */
  readonly #keyLanes = new Map<string, Lane>()
  #anyLane: Lane | undefined
  /** Ranges that are cut by key until the next map, since an answer was held too long. */
  #dark: HashKeyRange[] = []

  constructor(parts: LaneDependencies) {
    this.#parts = parts
  }

  /** All lanes of today. */
  *[Symbol.iterator](): IterableIterator<Lane> {
    for (const lane of this.#shardLanes) if (lane !== undefined) yield lane
    yield* this.#keyLanes.values()
    if (this.#anyLane !== undefined) yield this.#anyLane
  }

  get hasDark(): boolean {
    return this.#dark.length > 0
  }

  isDark(hashKey: bigint): boolean {
    return this.#dark.some(({ lo, hi }) => lo <= hashKey && hashKey <= hi)
  }

  /** Bytes that wait for a shard, by its position. */
  waitingAt(position: number): number {
    return this.#shardLanes[position]?.queue.bytes ?? 0
  }

  /** The lane that a record with a hash key would go to, if there is one. */
  find(routing: Routing, hashKey: () => bigint): Lane | undefined {
    if (routing === 'wait' || routing === 'any') return this.#anyLane
    const hash = hashKey()
    if (routing === 'key' || this.isDark(hash)) return this.#keyLanes.get(keyOf(hash))
    return this.#shardLanes[this.#parts.shards.open.indexOf(this.#shardAt(hash)!)]
  }

  /** The lane of a shard, by its position. */
  atShard(position: number): Lane {
    const lane = this.#shardLanes[position]
    if (lane !== undefined) return lane
    const shard = this.#parts.shards.open[position]!
    return (this.#shardLanes[position] = this.#make('shard', shard, shard.id))
  }

  /** The lane of a hash key. @param key its 16 bytes */
  ofKey(key: string, hashKey: bigint): Lane {
    let lane = this.#keyLanes.get(key)
    if (lane === undefined) {
      const shard = this.#shardAt(hashKey)
      lane = this.#make('key', { lo: hashKey, hi: hashKey }, shard?.id)
      lane.shard = shard
      this.#keyLanes.set(key, lane)
    }
    return lane
  }

  /** The lane of all records. */
  any(): Lane {
    return (this.#anyLane ??= this.#make('any', ALL, undefined))
  }

  /** The lane is empty: one of a key goes, since there may be very many keys. */
  emptied(lane: Lane): void {
    if (lane.kind !== 'key' || lane.retired || lane.hasRecords || lane.isOut) return
    this.#keyLanes.delete(keyOf(lane.lo))
  }

  /** Takes a lane out of those of today. */
  detach(lane: Lane): void {
    lane.retired = true
    if (lane.isOut) {
      this.retired.add(lane)
      this.fence.changed()
    }
    if (lane.kind === 'any') this.#anyLane = undefined
    else if (lane.kind === 'key') this.#keyLanes.delete(keyOf(lane.lo))
    else {
      const position = this.#shardLanes.indexOf(lane)
      if (position >= 0) this.#shardLanes[position] = undefined
    }
  }

  /** Something of a lane that is no more is not out any longer. */
  leave(lane: Lane): void {
    if (!lane.retired || lane.isOut || !this.retired.delete(lane)) return
    this.fence.changed()
    this.#parts.unblocked()
  }

  /** The records of a range go by key until the next map. @returns the lanes that are no more */
  darken({ lo, hi }: HashKeyRange): Lane[] {
    this.#dark.push({ lo, hi })
    const gone = this.#shardLanes.filter(lane => lane !== undefined && lane.lo <= hi && lo <= lane.hi)
    for (const lane of gone) this.detach(lane!)
    return gone as Lane[]
  }

  /**
   * After a new map, or when records find their lanes in another way: lanes that stay as they are keep all they have.
   *
   * @returns those that are no more
   */
  recut(routing: Routing): Lane[] {
    this.#dark = []
    const { open, map } = this.#parts.shards
    const positions = new Map(open.map((shard, i) => [shard, i]))
    const kept: (Lane | undefined)[] = Array.from({ length: open.length })
    const gone: Lane[] = []
    for (const lane of this) {
      const position = lane.shard === undefined ? undefined : positions.get(lane.shard)
      if (routing === 'shard' && lane.kind === 'shard' && position !== undefined) kept[position] = lane
      else if (lane.kind === 'key' && routing === 'key') this.#moveKeyLane(lane, map !== undefined)
      else if (lane.kind !== routing || lane.kind === 'shard') gone.push(lane)
    }
    for (const lane of gone) this.detach(lane)
    this.#shardLanes = kept
    return gone
  }

  /** The lane stays, but its key belongs to another shard. */
  #moveKeyLane(lane: Lane, hasMap: boolean): void {
    lane.shard = hasMap ? this.#shardAt(lane.lo) : undefined
    const pace = this.#parts.paceOf(lane.shard?.id)
    if (pace === lane.pace) return
    this.#parts.move(lane, pace)
  }

  #make(kind: LaneKind, range: { lo: bigint; hi: bigint }, shardId: string | undefined): Lane {
    const { paceOf, pool, shards } = this.#parts
    const shard = shardId === undefined ? undefined : shards.shard(shardId)
    return new Lane(kind, range, shard, paceOf(shardId), pool)
  }

  #shardAt(hashKey: bigint): KnownShard | undefined {
    const { open } = this.#parts.shards
    let from = 0
    let to = open.length - 1
    while (from < to) {
      const middle = (from + to) >> 1
      if (open[middle]!.hi < hashKey) from = middle + 1
      else to = middle
    }
    return open[from]
  }
}

/** The 16 bytes of a hash key. */
function keyOf(hashKey: bigint): string {
  const bytes = Buffer.allocUnsafe(16)
  bytes.writeBigUInt64BE(hashKey >> 64n, 0)
  bytes.writeBigUInt64BE(hashKey & 0xffff_ffff_ffff_ffffn, 8)
  return bytes.latin1Slice(0, 16)
}
