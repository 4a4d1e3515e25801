import { forEachOf, push } from './record-aggregator'
import { native } from '../native/loader'
import { AggregateBuilder } from './aggregate-builder'
import { checkAggregateOptions } from './options'
import type { EncodedRecord } from '../types'
import { normalizeUserRecord } from './user-record'

/** How many digests are calculated at once: the lanes of the widest MD5. */
const SEALED_AT_ONCE = 16

/**
 * What {@link aggregate} returns for an iterable of user records.
 *
 * @throws KinesisAggError
 * @throws TypeError
 */
export function aggregateAll(records: unknown, options: unknown): EncodedRecord[] {
  const batch = new Batch(options, true)
  forEachOf(records, (record, number) => batch.add(record, number))
  return batch.finish()
}

/** Many user records on their way into many aggregated ones, whose digests are calculated together. */
export class Batch {
  readonly #builder: AggregateBuilder
  readonly #strict: boolean
  readonly #encoded: EncodedRecord[] = []
  #unsealed: Buffer[] = []

  constructor(options: unknown, strictByDefault: boolean) {
    const { maxSize, strict } = checkAggregateOptions(options)
    this.#builder = new AggregateBuilder(maxSize)
    this.#strict = strict ?? strictByDefault
  }

  add(record: unknown, number: number): void {
    const full = push(this.#builder, normalizeUserRecord(record, this.#strict, number), false)
    if (full !== undefined) this.#keep(full)
  }

  finish(): EncodedRecord[] {
    if (this.#builder.count > 0) {
      // A digest that is alone is taken while the record is written.
      const alone = this.#unsealed.length === 0
      const last = this.#builder.build(alone)
      if (alone) this.#encoded.push(last)
      else this.#keep(last)
    }
    this.#seal()
    return this.#encoded
  }

  #keep(encoded: EncodedRecord): void {
    this.#encoded.push(encoded)
    this.#unsealed.push(encoded.data)
    if (this.#unsealed.length === SEALED_AT_ONCE) this.#seal()
  }

  #seal(): void {
    if (this.#unsealed.length > 0) native.seal(this.#unsealed)
    this.#unsealed = []
  }
}
