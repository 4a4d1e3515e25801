import type { StreamSettings } from './options'
import type { KnownShard } from './stream-shards'

/** An answer from a shard whose range, as far as known, excludes the record's hash key. */
interface Evidence {
  shardId: string
  hashKey: bigint
  at: number
}

/** So many answers that keys do not explain tell a stream whose distribution Kinesis manages. */
const ENOUGH = 2

/** Who distributes the records of a stream: Kinesis (AUTO), then no aggregate is safe, or their keys. */
export class Distribution {
  /** Nobody needs to be asked. */
  isTold = false
  /** When the last summary was asked for that came. */
  describedAt = -Infinity
  #isAuto = false
  /** DescribeStreamSummary, or the user, has said that keys count. */
  #byKey = false
  #evidence: Evidence[] = []
  #odd = 0
  #foundAt = -Infinity

  constructor(told: StreamSettings['recordDistribution']) {
    this.tell(told)
  }

  /** The user says it, or that it is to be found out. Whatever was found out before counts no more. */
  tell(told: StreamSettings['recordDistribution']): void {
    this.isTold = told !== 'detect'
    this.#isAuto = told === 'AUTO'
    this.#byKey = told === 'USER_PARTITION_KEY'
    this.describedAt = this.#foundAt = -Infinity
    this.#evidence = []
    this.#odd = 0
  }

  get isAuto(): boolean {
    return this.#isAuto
  }

  get isByKey(): boolean {
    return this.#byKey && !this.#isAuto
  }

  /**
   * What DescribeStreamSummary says.
   *
   * @param begun when it was asked
   * @returns whether it is news
   */
  described(strategy: string | undefined, begun: number): boolean {
    this.describedAt = begun
    if (this.isTold || begun < this.#foundAt) return false
    const { isAuto, isByKey } = this
    this.#isAuto = strategy === 'AUTO'
    this.#byKey = !this.#isAuto
    if (!this.#isAuto) this.#odd = 0
    return isAuto !== this.#isAuto || isByKey !== this.isByKey
  }

  /** An answer came from a shard that excludes the record's hash key. To be judged by a listing that begins later. */
  suspect(shardId: string, hashKey: bigint, at: number): void {
    if (!this.#isAuto) this.#evidence.push({ shardId, hashKey, at })
  }

  /**
   * Judges what is suspect by a good listing.
   *
   * @returns whether it is now found out that Kinesis distributes the records
   */
  judge(listedAt: number, shard: (id: string) => KnownShard | undefined): boolean {
    this.#evidence = this.#evidence.filter(({ shardId, hashKey, at }) => {
      if (at >= listedAt) return true
      const known = shard(shardId)
      if (known !== undefined && !known.closed && (hashKey < known.lo || hashKey > known.hi)) this.#odd++
      return false
    })
    if (this.isTold || this.#isAuto || this.#odd < ENOUGH) return false
    this.#isAuto = true
    this.#foundAt = listedAt
    this.#evidence = []
    return true
  }
}
