import { readRecord } from '../producer/record-reader'
import type { ProducerRecord } from '../producer/types'
import type { Work } from './work'

/** Work, and the keys of what was made of it. */
interface Made {
  readonly work: Work
  /** Undefined: not known. */
  keys: readonly string[] | undefined
}

/** Knows the keys of user records and of what was made of them, to tell what may be left out when others come again. */
export class KeyOrder {
  readonly #all: Made[] = []
  readonly #made = new Map<Work, Made>()

  began(work: Work): void {
    const made: Made = { work, keys: undefined }
    this.#all.push(made)
    this.#made.set(work, made)
  }

  /** What was made of it is these records. */
  made(work: Work, records: readonly ProducerRecord[]): void {
    try {
      this.#made.get(work)!.keys = records.flatMap(keysOf)
    } catch {
      // A record that is none has no keys, and the work fails of it.
    }
  }

  /** Work that is not `isDone`, and all that shares a key with earlier such work: it comes again behind that. */
  *outOfOrder(isDone: (work: Work) => boolean): Iterable<Work> {
    const again = new Set<string>()
    for (const { work, keys } of this.#all.toSorted((a, b) => a.work.number - b.work.number)) {
      const all = [...work.keys.map(key => `from ${key}`), ...(keys ?? [])]
      if (isDone(work) && !all.some(key => again.has(key)) && !again.has(ANY)) continue
      for (const key of all) again.add(key)
      if (keys === undefined) again.add(ANY)
      yield work
    }
  }
}

/** Some work whose keys are not known comes again. */
const ANY = 'any'

/** Order is kept for each hash key; readers look at the partition key. */
function keysOf(record: ProducerRecord): string[] {
  const { partitionKey, hashKey } = readRecord(record)
  if (partitionKey === '') return []
  return hashKey === '' ? [`to ${partitionKey}`] : [`to ${partitionKey}`, `at ${hashKey}`]
}
