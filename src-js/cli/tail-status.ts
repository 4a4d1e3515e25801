import type { Clock } from './clock'
import { Rate, rateText } from './rate'
import type { Pace } from './shard-reader'
import { counted } from './text'

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
  readonly #rate: Rate
  #count = 0

  constructor(private readonly clock: Clock) {
    this.#rate = new Rate(clock)
  }

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
    const rate = this.#rate.perSecond(this.#count)
    const names = counted(shards.length, 'shard')
    const notes = this.#notes(shards)
    const remark = notes.length === 0 ? '' : ` (${notes.join(', ')})`
    if (rate === 0 && behindMs === 0) return `Waiting on ${names}…${remark}`
    const lag = behindMs === 0 ? 'up to date' : `${duration(behindMs)} behind`
    return `${rateText(rate)}, ${lag}, ${names}${remark}`
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
}

function duration(ms: number): string {
  if (ms < 60_000) return `${Math.ceil(ms / 1000)} s`
  return ms < 3_600_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`
}
