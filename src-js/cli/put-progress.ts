import type { StreamStats } from '../producer'
import type { Clock } from './clock'
import { Rate, rateText } from './rate'
import { counted } from './text'

/** How the putting goes, in a few words. */
export class PutProgress {
  readonly #rate: Rate

  constructor(clock: Clock) {
    this.#rate = new Rate(clock)
  }

  /** @param stats of the stream, if a record was taken */
  text(stats: StreamStats | undefined): string {
    const { delivered = 0, bytes = 0, retried = 0, shards = {} } = stats ?? {}
    return [
      `${counted(delivered, 'record')} stored`,
      `${(bytes / 1e6).toFixed(1)} MB sent`,
      rateText(this.#rate.perSecond(delivered)),
      `${retried.toLocaleString('en')} retried`,
      counted(Object.keys(shards).length, 'shard')
    ].join(', ')
  }
}
