import type { Clock } from './clock'
import type { Pace } from './shard-reader'

/** Over what time records are counted. */
const RATE_MS = 5000

/** A time between two readings of a shard that is worth a word. */
const SLOW_MS = 2000

interface Reading extends Pace {
  at: number
  /** Since the reading before; 0 if there is none. */
  intervalMs: number
}

/** How the reading of a stream goes, in a few words. */
export class TailStatus {
  readonly #shards = new Map<string, Reading>()
  /** User records that were there at a time. */
  #marks: { at: number; count: number }[] = []
  #count = 0

  constructor(private readonly clock: Clock) {}

  /** A shard is read from now on. */
  began(shardId: string): void {
    const pace = { behindMs: 0, isThrottled: false, isIdle: false }
    this.#shards.set(shardId, { ...pace, at: this.clock.now(), intervalMs: 0 })
  }

  /** A shard was read, or was not, for load. */
  paced(shardId: string, pace: Pace): void {
    const before = this.#shards.get(shardId)
    const at = this.clock.now()
    this.#shards.set(shardId, { ...pace, at, intervalMs: before === undefined ? 0 : at - before.at })
  }

  /** A shard is read no more. */
  ended(shardId: string): void {
    this.#shards.delete(shardId)
  }

  /** User records came. */
  count(userRecords: number): void {
    this.#count += userRecords
  }

  text(): string {
    const shards = [...this.#shards.values()]
    const behindMs = Math.max(0, ...shards.map(shard => shard.behindMs))
    const rate = this.#rate()
    const names = shards.length === 1 ? '1 shard' : `${shards.length.toLocaleString('en')} shards`
    const notes = this.#notes(shards)
    const remark = notes.length === 0 ? '' : ` (${notes.join(', ')})`
    if (rate === 0 && behindMs === 0) return `Waiting on ${names}…${remark}`
    const speed = rate < 10 ? rate.toFixed(1) : Math.round(rate).toLocaleString('en')
    const lag = behindMs === 0 ? 'up to date' : `${duration(behindMs)} behind`
    return `${speed} records/s, ${lag}, ${names}${remark}`
  }

  #notes(shards: readonly Reading[]): string[] {
    const throttled = shards.filter(({ isThrottled }) => isThrottled).length
    const idle = shards.filter(({ isIdle }) => isIdle).length
    const meanMs = shards.reduce((sum, { intervalMs }) => sum + intervalMs, 0) / Math.max(shards.length, 1)
    return [
      ...(throttled > 0 ? [`${throttled} throttled by Kinesis`] : []),
      ...(idle > 0 ? [`${idle} idle`] : []),
      ...(meanMs >= SLOW_MS ? [`each is read every ${Math.round(meanMs / 1000)} s`] : [])
    ]
  }

  /** User records a second, of the last seconds. */
  #rate(): number {
    const at = this.clock.now()
    this.#marks.push({ at, count: this.#count })
    const first = this.#marks.findLastIndex(mark => at - mark.at >= RATE_MS)
    if (first > 0) this.#marks = this.#marks.slice(first)
    const [from] = this.#marks
    return from!.at === at ? 0 : ((this.#count - from!.count) / (at - from!.at)) * 1000
  }
}

function duration(ms: number): string {
  if (ms < 60_000) return `${Math.ceil(ms / 1000)} s`
  return ms < 3_600_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`
}
