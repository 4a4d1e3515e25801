import { SubSequences } from './sub-sequences'

/** Records that are remembered, and for how long. */
const MAX_RECORDS = 1000
const MAX_AGE_MS = 15 * 60 * 1000

interface Remembered {
  readonly handled: SubSequences
  readonly at: number
}

/**
 * Remembers, from one invocation to the next, which user records of a Kinesis record that comes again were handled, so
 * that {@link processEvent} does not hand them to your handler a second time.
 *
 * Make one outside the handler for each handler, and give it as the option `resume`. It knows a Kinesis record by
 * `eventSourceARN` and `eventID`: the same bytes under another sequence number are handled again. A record is forgotten
 * once an answer passes it, after 15 minutes, or as the oldest of 1,000. Every instance of the function has a memory of
 * its own, so a handler must still bear records that come twice.
 *
 * @example
 * const resume = new ResumeMemory()
 * exports.handler = event => processEvent(event, save, { resume })
 */
export class ResumeMemory {
  /** In the order in which they were remembered. */
  readonly #records = new Map<string, Remembered>()

  /** @internal The sub-sequence numbers that were handled of a record: a set of its own each time. */
  recall(key: string): SubSequences {
    const remembered = this.#records.get(key)
    const recalled = new SubSequences()
    if (remembered === undefined) return recalled
    if (Date.now() - remembered.at < MAX_AGE_MS) return remembered.handled.union(recalled)
    this.#records.delete(key)
    return recalled
  }

  /** @internal Adds to what is known of a record. */
  remember(key: string, handled: SubSequences): void {
    const all = this.recall(key).union(handled)
    // To the end of the map: it is the youngest now.
    this.#records.delete(key)
    this.#records.set(key, { handled: all, at: Date.now() })
    this.#evict()
  }

  /** @internal */
  forget(key: string): void {
    this.#records.delete(key)
  }

  #evict(): void {
    const latest = Date.now() - MAX_AGE_MS
    for (const [key, { at }] of this.#records) {
      if (this.#records.size <= MAX_RECORDS && at > latest) return
      this.#records.delete(key)
    }
  }
}
