import { Collector } from './collector'
import { KinesisAggError, invalidArgument } from './errors'
import { checkAggregateOptions } from './options'
import type { AggregateInput, AggregateOptions, EncodedRecord } from './types'
import { type OpenUserRecord, openUserRecord } from './user-record'

/** Told of each encoded record, or of a user record that cannot be aggregated. */
export type OnReady = (err: Error | null, encoded?: EncodedRecord) => void

/** What a {@link RecordAggregator} is made with. */
export interface RecordAggregatorOptions extends AggregateOptions {
  onReady?: OnReady | undefined
}

/**
 * Collects user records and makes aggregated records of them, each as full as the limit allows.
 *
 * The streaming way is {@link push} and {@link flush}. The other methods are those of `aws-kinesis-agg`.
 * Data is copied when it is added; changing a record later changes nothing.
 *
 * @example
 * const aggregator = new RecordAggregator()
 * for (const record of records) {
 *   const full = aggregator.push(record)
 *   if (full !== undefined) await put(full)
 * }
 * const rest = aggregator.flush()
 * if (rest !== undefined) await put(rest)
 */
export class RecordAggregator {
  readonly #collector: Collector
  readonly #strict: boolean
  #onReady: OnReady | undefined

  /** @param onReadyCallback gets what {@link aggregateRecords} and {@link flushBufferedRecords} deliver */
  constructor(onReadyCallback?: OnReady)
  /** @throws TypeError `ERR_INVALID_ARG_TYPE` */
  constructor(options?: RecordAggregatorOptions)
  constructor(argument?: OnReady | RecordAggregatorOptions | null) {
    const options: RecordAggregatorOptions =
      typeof argument === 'function' ? { onReady: argument } : (argument ?? {})
    const { maxSize, strict } = checkAggregateOptions(options)
    this.#collector = new Collector(maxSize)
    this.#strict = strict
    this.#onReady = checkCallback('options.onReady', options.onReady)
  }

  /** Bytes of the protobuf message that is buffered, without the 20 of magic and MD5. */
  get totalBytes(): number {
    return this.#collector.messageBytes
  }

  /** How many user records are buffered. */
  length(): number {
    return this.#collector.count
  }

  /**
   * Adds a record. If it does not fit beside those that are buffered, they are encoded first.
   *
   * @returns the full aggregate, if there was one
   * @throws KinesisAggError `ERR_RECORD_TOO_LARGE`, `ERR_MISSING_DATA`, `ERR_MISSING_PARTITION_KEY`; when
   * strict, `ERR_INVALID_PARTITION_KEY`, `ERR_INVALID_HASH_KEY`. Nothing that is buffered is lost.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`
   */
  push(record: AggregateInput): EncodedRecord | undefined {
    return push(this.#collector, openUserRecord(record, this.#strict), true)
  }

  /** Encodes what is buffered; `undefined` if nothing is. */
  flush(): EncodedRecord | undefined {
    return this.#collector.count === 0 ? undefined : this.#collector.take(true)
  }

  /** The same as {@link flush}, under the name that `aws-kinesis-agg` gives it. */
  build(): EncodedRecord | undefined {
    return this.flush()
  }

  /** Forgets what is buffered. */
  clearRecords(): void {
    this.#collector.clear()
  }

  /**
   * Adds a record to those that are buffered.
   *
   * @throws KinesisAggError `ERR_RECORD_DOES_NOT_FIT` if there is no room, and all that {@link push} throws
   */
  addUserRecord(record: AggregateInput): void {
    const opened = openUserRecord(record, this.#strict)
    if (this.#collector.add(opened)) return
    this.#collector.checkAlone(opened)
    throw new KinesisAggError('ERR_RECORD_DOES_NOT_FIT', "record won't fit", { record })
  }

  /** Whether {@link addUserRecord} would have room for a record. Throws as {@link calculateUserRecordSize}. */
  checkIfUserRecordFits(record: AggregateInput): boolean {
    return this.#collector.hasRoom(openUserRecord(record, this.#strict))
  }

  /**
   * The exact bytes that adding a record now would add to {@link totalBytes}. They depend on the keys that
   * are buffered already.
   *
   * @throws KinesisAggError `ERR_MISSING_DATA`, `ERR_MISSING_PARTITION_KEY`
   * @throws TypeError `ERR_INVALID_ARG_TYPE`
   */
  calculateUserRecordSize(record: AggregateInput): number {
    return this.#collector.measure(openUserRecord(record, this.#strict))
  }

  /**
   * Adds many records and delivers each aggregate that is full. A record that cannot be aggregated is
   * delivered as an error, and the rest goes on.
   *
   * @param records anything with `forEach`, or an iterable
   * @param forceFlush deliver at the end what is not full
   * @param onReadyCallback instead of that of the aggregator
   * @throws TypeError `ERR_INVALID_ARG_TYPE`: also if something is to be delivered and there is no callback;
   * what is buffered stays so
   */
  aggregateRecords(records: RecordsInput, forceFlush?: boolean, onReadyCallback?: OnReady): void {
    const onReady = checkCallback('onReadyCallback', onReadyCallback) ?? this.#onReady
    forEachOf(records, record => {
      let opened: OpenUserRecord
      try {
        opened = openUserRecord(record, this.#strict)
      } catch (error) {
        deliverable(onReady)(error as Error)
        return
      }
      this.#addOrDeliver(opened, onReady)
    })
    if (forceFlush === true && this.#collector.count > 0)
      deliverable(onReady)(null, this.#collector.take(true))
  }

  #addOrDeliver(opened: OpenUserRecord, onReady: OnReady | undefined): void {
    const collector = this.#collector
    // The callback may have added records of its own, so that it must be tried again.
    while (!collector.add(opened)) {
      try {
        collector.checkAlone(opened)
      } catch (error) {
        deliverable(onReady)(error as Error)
        return
      }
      const deliver = deliverable(onReady)
      deliver(null, collector.take(true))
    }
  }

  /**
   * Delivers what is buffered; `(null, undefined)` if nothing is.
   *
   * @param onReadyCallback instead of that of the aggregator
   * @throws TypeError `ERR_INVALID_ARG_TYPE`: something is buffered and there is no callback; it stays so
   */
  flushBufferedRecords(onReadyCallback?: OnReady): void {
    const onReady = checkCallback('onReadyCallback', onReadyCallback) ?? this.#onReady
    if (this.#collector.count > 0) deliverable(onReady)(null, this.#collector.take(true))
    else onReady?.(null, undefined)
  }

  /**
   * @param onReadyCallback the new callback; without one the present stays
   * @returns the callback that is set now
   */
  setOnReadyCallback(onReadyCallback?: OnReady): OnReady | undefined {
    this.#onReady = checkCallback('onReadyCallback', onReadyCallback) ?? this.#onReady
    return this.#onReady
  }
}

/** Many user records: an iterable, or anything that has `forEach`. */
export type RecordsInput =
  Iterable<AggregateInput> | { forEach(callback: (record: AggregateInput) => void): void }

/** Calls `each` for every record. @throws TypeError `ERR_INVALID_ARG_TYPE` */
export function forEachOf(records: unknown, each: (record: unknown) => void): void {
  const { forEach } = (records ?? {}) as { forEach?: unknown }
  if (typeof forEach === 'function') {
    ;(records as { forEach(callback: (record: unknown) => void): void }).forEach(record => each(record))
  } else if (typeof records === 'object' && records !== null && Symbol.iterator in records) {
    for (const record of records as Iterable<unknown>) each(record)
  } else {
    throw invalidArgument('records', 'an iterable of user records', records)
  }
}

/**
 * Adds a record to a collector; returns what was in it if there was no room.
 *
 * @throws KinesisAggError `ERR_RECORD_TOO_LARGE`; the collector is unchanged
 */
export function push(collector: Collector, record: OpenUserRecord, seal: boolean): EncodedRecord | undefined {
  if (collector.add(record)) return undefined
  collector.checkAlone(record)
  const full = collector.take(seal)
  collector.add(record)
  return full
}

function checkCallback(name: string, callback: OnReady | null | undefined): OnReady | undefined {
  if (callback === undefined || callback === null) return undefined
  if (typeof callback !== 'function') throw invalidArgument(name, 'a function', callback)
  return callback
}

/** To be asked before anything is taken out of the collector, so that nothing is lost. */
function deliverable(onReady: OnReady | undefined): OnReady {
  if (onReady === undefined)
    throw invalidArgument('onReadyCallback', 'a function, as there is something to deliver', onReady)
  return onReady
}
