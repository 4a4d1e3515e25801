import { AggregateBuilder } from './aggregate-builder'
import { ALONE, KinesisAggError, invalidArgument } from '../errors'
import { checkAggregateOptions } from './options'
import type { AggregateInput, AggregateOptions, EncodedRecord } from '../types'
import { type NormalizedUserRecord, normalizeUserRecord } from './user-record'

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
  readonly #maxSize: number
  #builder: AggregateBuilder
  /** Full ones that a callback threw out, and added to meanwhile: they go first. */
  readonly #undelivered: AggregateBuilder[] = []
  /** For {@link push}. */
  readonly #strict: boolean
  /** For the methods of `aws-kinesis-agg`, which takes any text for a hash key. */
  readonly #strictAsOption: boolean
  #onReady: OnReady | undefined

  /** @param onReadyCallback gets what {@link aggregateRecords} and {@link flushBufferedRecords} deliver */
  constructor(onReadyCallback?: OnReady)
  /** @throws TypeError `ERR_INVALID_ARG_TYPE` */
  constructor(options?: RecordAggregatorOptions)
  constructor(argument?: OnReady | RecordAggregatorOptions | null) {
    const options: RecordAggregatorOptions =
      typeof argument === 'function' ? { onReady: argument } : (argument ?? {})
    const { maxSize, strict } = checkAggregateOptions(options)
    this.#maxSize = maxSize
    this.#builder = new AggregateBuilder(maxSize)
    this.#strict = strict ?? true
    this.#strictAsOption = strict ?? false
    this.#onReady = checkCallback('options.onReady', options.onReady)
  }

  /** Bytes of the protobuf message that is buffered, without the 20 of magic and MD5. */
  get totalBytes(): number {
    return this.#sum(({ messageBytes }) => messageBytes)
  }

  /** How many user records are buffered. */
  length(): number {
    return this.#sum(({ count }) => count)
  }

  #sum(of: (builder: AggregateBuilder) => number): number {
    return this.#undelivered.reduce((sum, one) => sum + of(one), of(this.#builder))
  }

  /**
   * Adds a record. If it does not fit beside those that are buffered, they are encoded first.
   *
   * @returns the full aggregate, if there was one
   * @throws KinesisAggError `ERR_RECORD_TOO_LARGE`, `ERR_MISSING_DATA`, `ERR_MISSING_PARTITION_KEY`, and unless
   * `strict` is false `ERR_INVALID_PARTITION_KEY`, `ERR_INVALID_HASH_KEY`. Nothing that is buffered is lost.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`
   */
  push(record: AggregateInput): EncodedRecord | undefined {
    return push(this.#builder, normalizeUserRecord(record, this.#strict, ALONE), true)
  }

  /**
   * Encodes what is buffered; `undefined` if nothing is.
   *
   * If a callback that was to take an aggregate threw, and had added records before, that aggregate comes first, and the
   * next call returns the rest.
   */
  flush(): EncodedRecord | undefined {
    const undelivered = this.#undelivered.shift()
    if (undelivered !== undefined) return undelivered.build(true)
    return this.#builder.count === 0 ? undefined : this.#builder.build(true)
  }

  /** The same as {@link flush}, under the name that `aws-kinesis-agg` gives it. */
  build(): EncodedRecord | undefined {
    return this.flush()
  }

  /** Forgets what is buffered. */
  clearRecords(): void {
    this.#undelivered.length = 0
    this.#builder.clear()
  }

  /**
   * Adds a record to those that are buffered.
   *
   * @throws KinesisAggError `ERR_RECORD_DOES_NOT_FIT` if there is no room, and all that {@link push} throws (keys
   * are checked only if `strict` is true)
   */
  addUserRecord(record: AggregateInput): void {
    const opened = this.#open(record, ALONE)
    if (this.#builder.add(opened)) return
    this.#builder.assertFitsAlone(opened)
    throw new KinesisAggError('ERR_RECORD_DOES_NOT_FIT', "record won't fit", { record })
  }

  /** Whether {@link addUserRecord} would have room for a record. Throws as {@link calculateUserRecordSize}. */
  checkIfUserRecordFits(record: AggregateInput): boolean {
    return this.#builder.hasRoom(this.#open(record, ALONE))
  }

  /**
   * The exact bytes that adding a record now would add to {@link totalBytes}. They depend on the keys that
   * are buffered already.
   *
   * @throws KinesisAggError `ERR_MISSING_DATA`, `ERR_MISSING_PARTITION_KEY`, `ERR_INVALID_HASH_KEY` (an integer beyond
   * 2^53 - 1; with `strict` all that are none)
   * @throws TypeError `ERR_INVALID_ARG_TYPE`
   */
  calculateUserRecordSize(record: AggregateInput): number {
    return this.#builder.measure(this.#open(record, ALONE))
  }

  /**
   * Adds many records and delivers each aggregate that is full. A record that cannot be aggregated is
   * delivered as an error, and the rest goes on. If the callback throws, what it was to take stays buffered.
   *
   * @param records anything with `forEach`, or an iterable
   * @param forceFlush deliver at the end what is not full
   * @param onReadyCallback instead of that of the aggregator
   * @throws TypeError `ERR_INVALID_ARG_TYPE`: also if something is to be delivered and there is no callback. Then no
   * record of this call is added.
   */
  aggregateRecords(records: RecordsInput, forceFlush?: boolean, onReadyCallback?: OnReady): void {
    const onReady = checkCallback('onReadyCallback', onReadyCallback) ?? this.#onReady
    if (onReady === undefined) this.#addAll(records, forceFlush === true)
    else this.#addAndDeliver(records, forceFlush === true, onReady)
  }

  /** Without a callback: all of them, or none. */
  #addAll(records: RecordsInput, forceFlush: boolean): void {
    const rollBack = this.#builder.mark()
    try {
      forEachOf(records, (record, number) => {
        if (!this.#builder.add(this.#open(record, number))) throw nowhereToDeliver()
      })
      if (forceFlush && this.length() > 0) throw nowhereToDeliver()
    } catch (error) {
      rollBack()
      throw error instanceof KinesisAggError ? nowhereToDeliver() : error
    }
  }

  #addAndDeliver(records: RecordsInput, forceFlush: boolean, onReady: OnReady): void {
    forEachOf(records, (record, number) => {
      let opened: NormalizedUserRecord
      try {
        opened = this.#open(record, number)
      } catch (error) {
        onReady(error as Error)
        return
      }
      this.#addOrDeliver(opened, onReady)
    })
    if (forceFlush) this.#deliverAll(onReady)
  }

  #open(record: unknown, number: number): NormalizedUserRecord {
    return normalizeUserRecord(record, this.#strictAsOption, number)
  }

  #addOrDeliver(opened: NormalizedUserRecord, onReady: OnReady): void {
    // The callback may have added records of its own, so that it must be tried again.
    while (!this.#builder.add(opened)) {
      try {
        this.#builder.assertFitsAlone(opened)
      } catch (error) {
        onReady(error as Error)
        return
      }
      this.#deliverAll(onReady)
    }
  }

  #deliverAll(onReady: OnReady): void {
    for (let first = this.#undelivered.shift(); first !== undefined; first = this.#undelivered.shift())
      this.#deliver(first, onReady)
    if (this.#builder.count === 0) return
    const full = this.#builder
    this.#builder = new AggregateBuilder(this.#maxSize)
    this.#deliver(full, onReady)
  }

  /** Gives a callback what it is to take; if it throws, it took nothing. */
  #deliver(full: AggregateBuilder, onReady: OnReady): void {
    try {
      onReady(null, full.encode(true))
    } catch (error) {
      if (this.length() === 0) this.#builder = full
      else this.#undelivered.unshift(full)
      throw error
    }
    full.clear()
  }

  /**
   * Delivers what is buffered; `(null, undefined)` if nothing is.
   *
   * @param onReadyCallback instead of that of the aggregator
   * @throws TypeError `ERR_INVALID_ARG_TYPE`: something is buffered and there is no callback; it stays so
   */
  flushBufferedRecords(onReadyCallback?: OnReady): void {
    const onReady = checkCallback('onReadyCallback', onReadyCallback) ?? this.#onReady
    if (this.length() === 0) onReady?.(null, undefined)
    else if (onReady === undefined) throw nowhereToDeliver()
    else this.#deliverAll(onReady)
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

/** Calls `each` for every record, with its place. @throws TypeError `ERR_INVALID_ARG_TYPE` */
export function forEachOf(records: unknown, each: (record: unknown, number: number) => void): void {
  let number = 0
  const { forEach } = (records ?? {}) as { forEach?: unknown }
  if (typeof forEach === 'function') {
    ;(records as { forEach(callback: (record: unknown) => void): void }).forEach(record =>
      each(record, number++)
    )
  } else if (typeof records === 'object' && records !== null && Symbol.iterator in records) {
    for (const record of records as Iterable<unknown>) each(record, number++)
  } else {
    throw invalidArgument('records', 'an iterable of user records', records)
  }
}

/**
 * Adds a record to a builder; returns what was in it if there was no room.
 *
 * @throws KinesisAggError `ERR_RECORD_TOO_LARGE`; the builder is unchanged
 */
export function push(
  builder: AggregateBuilder,
  record: NormalizedUserRecord,
  seal: boolean
): EncodedRecord | undefined {
  if (builder.add(record)) return undefined
  builder.assertFitsAlone(record)
  const full = builder.build(seal)
  builder.add(record)
  return full
}

function checkCallback(name: string, callback: OnReady | null | undefined): OnReady | undefined {
  if (callback === undefined || callback === null) return undefined
  if (typeof callback !== 'function') throw invalidArgument(name, 'a function', callback)
  return callback
}

function nowhereToDeliver(): TypeError {
  return invalidArgument('onReadyCallback', 'a function, as there is something to deliver', undefined)
}
