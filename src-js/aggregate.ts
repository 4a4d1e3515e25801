import { forEachOf, push } from './aggregator'
import { native } from './binding'
import { Collector } from './collector'
import { KinesisAggError, invalidArgument } from './errors'
import { checkAggregateOptions } from './options'
import { runQueue } from './queue'
import type { AggregateInput, AggregateOptions, EncodedRecord } from './types'
import { openUserRecord } from './user-record'

/** How many digests are calculated at once: the lanes of the widest MD5. */
const SEALED_AT_ONCE = 16

/**
 * Packs user records into as few aggregated records as the limit allows, in order.
 *
 * @param options see {@link AggregateOptions}
 * @returns the aggregated records; none for no records
 * @throws KinesisAggError `ERR_RECORD_TOO_LARGE`, `ERR_MISSING_DATA`, `ERR_MISSING_PARTITION_KEY`; when
 * strict, `ERR_INVALID_PARTITION_KEY`, `ERR_INVALID_HASH_KEY`. Nothing was handled then.
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 * @example
 * const [encoded] = aggregate([{ partitionKey: 'device-1', data: 'on' }])
 */
export function aggregate(records: Iterable<AggregateInput>, options?: AggregateOptions): EncodedRecord[]
/**
 * The form of `aws-kinesis-agg`: asynchronous, and a record that cannot be aggregated does not stop the rest.
 *
 * @param encodedRecordHandler gets each aggregated record on a later tick; calls its callback or returns a
 * promise when it is done
 * @param afterPutAggregatedRecords called once all are done
 * @param errorCallback gets each error, of a record or of the handler
 * @param queueSize how many handlers run at a time; default 1
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 */
export function aggregate(
  records: Iterable<AggregateInput> | { forEach(callback: (record: AggregateInput) => void): void },
  encodedRecordHandler: (
    encodedRecord: EncodedRecord,
    callback: (err?: Error | null, data?: unknown) => void
  ) => unknown,
  afterPutAggregatedRecords: () => void,
  errorCallback: (error: Error, data?: unknown) => void,
  queueSize?: number
): void
export function aggregate(
  records: unknown,
  second?: unknown,
  after?: unknown,
  onError?: unknown,
  queueSize: unknown = 1
): EncodedRecord[] | undefined {
  if (typeof second !== 'function') {
    if (after !== undefined) throw invalidArgument('encodedRecordHandler', 'a function', second)
    const batch = new Batch(second)
    forEachOf(records, record => batch.add(record))
    return batch.finish()
  }
  if (typeof after !== 'function') throw invalidArgument('afterPutAggregatedRecords', 'a function', after)
  if (typeof onError !== 'function') throw invalidArgument('errorCallback', 'a function', onError)
  if (typeof queueSize !== 'number' || !Number.isInteger(queueSize) || queueSize < 1) {
    throw invalidArgument('queueSize', 'a whole number from 1', queueSize)
  }
  const report = onError as (error: unknown, data?: unknown) => void
  const batch = new Batch(undefined)
  forEachOf(records, record => {
    let failed: { error: unknown } | undefined
    try {
      batch.add(record)
    } catch (error) {
      failed = { error }
    }
    if (failed !== undefined) report(failed.error)
  })
  const encoded = batch.finish()
  if (encoded.length === 0) {
    report(new KinesisAggError('ERR_NO_RECORDS', 'No records'))
    ;(after as () => void)()
    return undefined
  }
  runQueue(encoded, second as Parameters<typeof runQueue>[1], report, after as () => void, queueSize)
  return undefined
}

/** Many user records on their way into many aggregated ones, whose digests are calculated together. */
class Batch {
  readonly #collector: Collector
  readonly #strict: boolean
  readonly #encoded: EncodedRecord[] = []
  #unsealed: Buffer[] = []

  constructor(options: unknown) {
    const { maxSize, strict } = checkAggregateOptions(options)
    this.#collector = new Collector(maxSize)
    this.#strict = strict
  }

  add(record: unknown): void {
    const full = push(this.#collector, openUserRecord(record, this.#strict), false)
    if (full !== undefined) this.#keep(full)
  }

  finish(): EncodedRecord[] {
    if (this.#collector.count > 0) {
      // A digest that is alone is taken while the record is written.
      const alone = this.#unsealed.length === 0
      const last = this.#collector.take(alone)
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
