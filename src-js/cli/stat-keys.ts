import { createHash } from 'node:crypto'

/** Keys that are counted at a time at most. */
export const MAX_KEYS = 8192

/** Characters that are kept of a key: Kinesis allows no more, but aggregates may hold longer ones. */
const MAX_CHARACTERS = 256

/** A key and its weight. */
export interface TopKey {
  key: string
  weight: number
  /** On which its first record lay, if that is known. */
  shardId: string | undefined
  /** Others lay elsewhere. */
  isOnSeveral: boolean
}

type Counter = Omit<TopKey, 'key'>

/**
 * The keys with the most weight, in bounded memory: when there are too many, the median weight is taken off all, and
 * what has none left is forgotten. So a weight is never too high, and too low by {@link missed} at most.
 */
export class TopKeys {
  readonly #counters = new Map<string, Counter>()
  #total = 0
  #missed = 0

  constructor(private readonly maxKeys = MAX_KEYS) {}

  add(key: string, weight: number, shardId: string | undefined): void {
    if (weight === 0) return
    this.#total += weight
    const name = key.length > MAX_CHARACTERS ? shortened(key) : key
    const counter = this.#counters.get(name)
    if (counter !== undefined) {
      counter.weight += weight
      counter.isOnSeveral ||= counter.shardId !== shardId
      return
    }
    this.#counters.set(name, { weight, shardId, isOnSeveral: false })
    if (this.#counters.size > this.maxKeys) this.#purge()
  }

  #purge(): void {
    const weights = Float64Array.from(this.#counters.values(), ({ weight }) => weight).toSorted()
    const median = weights[weights.length >> 1]!
    this.#missed += median
    for (const [key, counter] of this.#counters) {
      counter.weight -= median
      if (counter.weight <= 0) this.#counters.delete(key)
    }
  }

  /** Weight of all keys. */
  get total(): number {
    return this.#total
  }

  /** What a weight may be too low by; a key with more than this is among the counted ones. */
  get missed(): number {
    return this.#missed
  }

  /** How many keys there are, or, if {@link missed} is over 0, `undefined`. */
  get distinct(): number | undefined {
    return this.#missed === 0 ? this.#counters.size : undefined
  }

  /** The heaviest first. */
  top(count: number): TopKey[] {
    return [...this.#counters]
      .map(([key, counter]) => ({ key, ...counter }))
      .toSorted((a, b) => b.weight - a.weight || (a.key < b.key ? -1 : 1))
      .slice(0, count)
  }
}

/** The beginning, copied so that it does not keep the whole key, and what tells it from others that begin so. */
function shortened(key: string): string {
  const digest = createHash('md5').update(key).digest('hex')
  const head = Buffer.from(key.slice(0, MAX_CHARACTERS)).toString()
  return `${head}… (${key.length} characters, MD5 ${digest})`
}
