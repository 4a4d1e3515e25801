import { LANE_WORDS } from '../aggregation/lane-encoder'
import { hashKeyOf } from '../shards/shard-map'
import { RecordBatch } from './record-batch'
import { KEYLESS, type RecordTable } from './record-table'
import type { KnownShard } from './stream-shards'

/** Keys of a stream whose shards are unknown. */
const KEYS_WITHOUT_MAP = 16
/** The shortest of so many lanes gets the record. */
const CANDIDATES = 4
/** So many keys are tried for a shard; one that is found by none has hardly any hash keys. */
const MAX_TRIES = 200_000

/** What it asks about lanes, by the position of their shard. */
export interface LaneLoads {
  /** Bytes that wait. */
  waitingAt(position: number): number
  /** The shard refuses records just now. */
  isTroubledAt(position: number): boolean
}

/** Gives records that came without a key one that leads to a lane with little to do. */
export class KeyChooser {
  readonly #table: RecordTable
  readonly #loads: LaneLoads
  /** Random, so that other producers choose others; kept, so that an aggregate has few. */
  readonly #keys = new Map<string, { key: string; hashKey: string }>()
  readonly #seed = Math.floor(Math.random() * 2 ** 48).toString(36)
  /** Bytes that this batch added, by position. */
  readonly #added = new Map<number, number>()

  constructor(table: RecordTable, loads: LaneLoads) {
    this.#table = table
    this.#loads = loads
  }

  /**
   * @param open shards; none if they are unknown
   * @param again also for records that were given a key before
   */
  choose(batch: RecordBatch, open: readonly KnownShard[], again: boolean): RecordBatch {
    const { places, count } = batch
    const wanted = (p: number): boolean =>
      places[p] === 0 || (again && this.#table.has(places[p + 3]!, KEYLESS))
    let some = false
    for (let p = 0; p < count * LANE_WORDS && !some; p += LANE_WORDS) some = wanted(p)
    if (!some) return batch
    this.#added.clear()
    const chosen = new RecordBatch(batch.end + count * 16, count)
    let at = 0
    for (let i = 0; i < count; i++) {
      const p = i * LANE_WORDS
      const key = places[p]!
      const hashKey = places[p + 1]!
      const data = places[p + 2]!
      const slot = places[p + 3]!
      const bytes = key + hashKey + data
      if (wanted(p)) {
        // A hash key of its own says where it goes; it lacks no more than a text.
        const own = key === 0 && hashKey > 0
        const { key: text, hashKey: hash } = own ? this.#keyOf('') : this.#next(open, bytes)
        const kept = own ? batch.bytes.latin1Slice(at, at + hashKey) : hash
        chosen.reserve(text.length + kept.length + data)
        chosen.bytes.latin1Write(text + kept, chosen.end)
        batch.bytes.copy(chosen.bytes, chosen.end + text.length + kept.length, at + key + hashKey, at + bytes)
        chosen.push(text.length, kept.length, data, slot)
      } else chosen.add(batch.bytes, at, key, hashKey, data, slot)
      at += bytes
    }
    return chosen
  }

  /** The key of a lane that is not paused, the shortest of a few. */
  #next(open: readonly KnownShard[], bytes: number): { key: string; hashKey: string } {
    if (open.length === 0) return this.#keyOf(String(randomInt(KEYS_WITHOUT_MAP)))
    const position = this.#shortest(open.length)
    this.#added.set(position, (this.#added.get(position) ?? 0) + bytes)
    const shard = open[position]!
    return this.#keyOf(shard.tag, shard)
  }

  #shortest(shards: number): number {
    const positions =
      shards <= CANDIDATES
        ? Array.from({ length: shards }, (_, i) => i)
        : Array.from({ length: CANDIDATES }, () => randomInt(shards))
    let fit = positions.filter(position => !this.#loads.isTroubledAt(position))
    if (fit.length === 0 && shards > CANDIDATES) {
      fit = Array.from({ length: shards }, (_, i) => i).filter(i => !this.#loads.isTroubledAt(i))
    }
    if (fit.length === 0) fit = positions
    const load = (position: number): number =>
      this.#loads.waitingAt(position) + (this.#added.get(position) ?? 0)
    const first = randomInt(fit.length)
    return fit.reduce((best, each) => (load(each) < load(best) ? each : best), fit[first]!)
  }

  /** A key whose MD5 lies inside the shard, found by trying. */
  #keyOf(name: string, shard?: KnownShard): { key: string; hashKey: string } {
    let found = this.#keys.get(name)
    if (found !== undefined) return found
    const base = `${this.#seed}${this.#keys.size.toString(36)}`
    found = { key: base, hashKey: '' }
    if (shard !== undefined) {
      for (let i = 0; ; i++) {
        const key = `${base}-${i.toString(36)}`
        const hashKey = hashKeyOf(key)
        if (hashKey >= shard.lo && hashKey <= shard.hi) {
          found = { key, hashKey: '' }
          break
        }
        if (i === MAX_TRIES) {
          found = { key: base, hashKey: String(shard.lo) }
          break
        }
      }
    }
    this.#keys.set(name, found)
    return found
  }

  /** Forgets the keys of shards that are no more. */
  forget(open: readonly KnownShard[]): void {
    const tags = new Set(open.map(({ tag }) => tag))
    for (const name of this.#keys.keys()) if (name.includes('@') && !tags.has(name)) this.#keys.delete(name)
  }
}

function randomInt(below: number): number {
  return Math.floor(Math.random() * below)
}
