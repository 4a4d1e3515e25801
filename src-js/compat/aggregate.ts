import { Batch, aggregateAll } from '../aggregation/aggregate'
import { forEachOf } from '../aggregation/record-aggregator'
import { KinesisAggError, invalidArgument } from '../errors'
import type { AggregateInput, AggregateOptions, EncodedRecord, PutRecordOutput } from '../types'
import { type Handler, runQueue } from './queue'

/**
 * Packs user records into as few aggregated records as the limit allows, in order.
 *
 * @param options see {@link AggregateOptions}
 * @returns the aggregated records; none for no records
 * @throws KinesisAggError `ERR_RECORD_TOO_LARGE`, `ERR_MISSING_DATA`, `ERR_MISSING_PARTITION_KEY`, and unless
 * `strict` is false `ERR_INVALID_PARTITION_KEY`, `ERR_INVALID_HASH_KEY`. If a call throws, it has processed no records.
 * @throws TypeError `ERR_INVALID_ARG_TYPE`; its text names the record by its index
 * @example
 * const [encoded] = aggregate([{ partitionKey: 'device-1', data: 'on' }])
 */
export function aggregate(records: Iterable<AggregateInput>, options?: AggregateOptions): EncodedRecord[]
/**
 * The form of `aws-kinesis-agg`: asynchronous, and a record that cannot be aggregated does not stop the rest.
 *
 * @param encodedRecordHandler gets each aggregated record on a later tick. It is done when it calls
 * its callback, or, if it declares none, when the promise that it returned is fulfilled. In both cases it is done, with
 * an error, when it throws or its promise rejects before.
 * @param afterPutAggregatedRecords called once all are done
 * @param errorCallback gets each error, of a record or of the handler; without it an error is thrown, so that the
 * process sees it
 * @param queueSize how many handlers run at a time
 * @default queueSize 1
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 */
export function aggregate<R extends AggregateInput>(
  records: Iterable<R> | { forEach(callback: (record: R) => void): void },
  encodedRecordHandler: (
    encodedRecord: EncodedRecord,
    callback: (err?: Error | null, data?: unknown) => void
  ) => unknown,
  afterPutAggregatedRecords: () => void,
  errorCallback?: ((error: Error, data?: EncodedRecord) => void) | null,
  queueSize?: number | string | null
): void
/** The form of `aws-kinesis-agg`, as its own typings have it. */
export function aggregate(
  // oxlint-disable-next-line typescript/no-explicit-any -- as there
  records: any[],
  encodedRecordHandler: (
    encodedRecord: EncodedRecord,
    callback: (err?: Error, data?: PutRecordOutput) => void
  ) => void,
  afterPutAggregatedRecords: () => void,
  errorCallback: (error: Error, data?: EncodedRecord) => void,
  queueSize?: number
): void
export function aggregate(
  records: unknown,
  second?: unknown,
  after?: unknown,
  onError?: unknown,
  queueSize?: unknown
): EncodedRecord[] | undefined {
  if (typeof second !== 'function') {
    if (after !== undefined) throw invalidArgument('encodedRecordHandler', 'a function', second)
    return aggregateAll(records, second)
  }
  if (typeof after !== 'function') throw invalidArgument('afterPutAggregatedRecords', 'a function', after)
  if (onError !== undefined && onError !== null && typeof onError !== 'function')
    throw invalidArgument('errorCallback', 'a function', onError)
  aggregateInto(
    records,
    second as Handler,
    after as () => void,
    (onError as Report | null | undefined) ?? throwError,
    queueLimit(queueSize)
  )
  return undefined
}

type Report = (error: unknown, data?: unknown) => void

function aggregateInto(
  records: unknown,
  handler: Handler,
  after: () => void,
  report: Report,
  limit: number
): void {
  const batch = new Batch(undefined, false)
  forEachOf(records, (record, number) => {
    let failed: { error: unknown } | undefined
    try {
      batch.add(record, number)
    } catch (error) {
      failed = { error }
    }
    // Outside of the try: an exception of the callback is the caller's.
    if (failed !== undefined) report(failed.error)
  })
  const encoded = batch.finish()
  if (encoded.length === 0) {
    report(new KinesisAggError('ERR_NO_RECORDS', 'No records'))
    after()
    return
  }
  runQueue(encoded, handler, report, after, limit)
}

/** Without an `errorCallback` an error is nobody's to catch but the process's. */
function throwError(error: unknown): never {
  throw error
}

/** Text that is a number, fractions and `Infinity` are taken, as there; without one it is 1. */
function queueLimit(queueSize: unknown): number {
  if (queueSize === undefined || queueSize === null) return 1
  const limit = typeof queueSize === 'string' && queueSize.trim() !== '' ? Number(queueSize) : queueSize
  if (typeof limit === 'number' && limit > 0) return limit
  throw invalidArgument('queueSize', 'a number above 0', queueSize)
}
