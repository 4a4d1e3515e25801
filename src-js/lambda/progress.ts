import type { EnclosingRecord } from './events'
import type { ResumeMemory } from './resume-memory'
import type { SubSequences } from './sub-sequences'
import type { InvalidItem, Item } from './work'

/** Which user records of an event were handled, for attempts to come. */
export class Progress {
  readonly #memory: ResumeMemory | undefined
  /** Of each record that can be remembered. */
  readonly #handled = new Map<EnclosingRecord, SubSequences>()

  constructor(memory: ResumeMemory | undefined, records: readonly EnclosingRecord[]) {
    this.#memory = memory
    if (memory === undefined) return
    for (const record of withUniqueKey(records)) this.#handled.set(record, memory.recall(record.memoryKey!))
  }

  isHandled(record: EnclosingRecord, subSequenceNumber: number): boolean {
    return this.#handled.get(record)?.has(subSequenceNumber) === true
  }

  add({ enclosing, subSequenceNumber }: Item | InvalidItem): void {
    this.#handled.get(enclosing)?.add(subSequenceNumber)
  }

  /** As if it had not been handled. */
  remove({ enclosing, subSequenceNumber }: Item | InvalidItem): void {
    this.#handled.get(enclosing)?.delete(subSequenceNumber)
  }

  canRemember(record: EnclosingRecord): boolean {
    return this.#handled.has(record)
  }

  /** Remembers the records from `position` on, which come again, and forgets those before it. */
  save(position: number): void {
    // The last one first: the memory forgets the oldest, and what is left of an event must not begin amid a key.
    for (const [record, handled] of [...this.#handled].toReversed()) {
      if (record.position < position) this.#memory!.forget(record.memoryKey!)
      else if (handled.size > 0) this.#memory!.remember(record.memoryKey!, handled)
    }
  }
}

/**
 * Two records of an event may share an eventID, where filters with enhanced fan-out hand out user records: nothing tells
 * them apart then.
 */
function withUniqueKey(records: readonly EnclosingRecord[]): EnclosingRecord[] {
  const counts = new Map<string, number>()
  for (const { memoryKey } of records) {
    if (memoryKey !== undefined) counts.set(memoryKey, (counts.get(memoryKey) ?? 0) + 1)
  }
  return records.filter(({ memoryKey }) => memoryKey !== undefined && counts.get(memoryKey) === 1)
}
