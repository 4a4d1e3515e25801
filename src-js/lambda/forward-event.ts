import { invalidArgument } from '../errors'
import type { KinesisProducer, StreamHandle } from '../producer/kinesis-producer'
import { takerOf } from '../producer/record-taker'
import type { DeaggregatedRecord, KinesisStreamBatchResponse } from '../types'
import { EventRun } from './event-run'
import { type StreamEvent, readStreamEvent } from './events'
import { type Forwarded, Forwarding } from './forwarding'
import { type CheckedOptions, checkProcessEventOptions } from './options'
import { runBatch } from './run-batch'
import type {
  AnyKinesisStreamEvent,
  KinesisStreamTumblingWindowEvent,
  KinesisStreamWindowResponse,
  ProcessEventOptions,
  RecordOf
} from './types'
import { readState } from './window'

/**
 * Forwards an event of a tumbling window to a stream, and returns the state of the window as it came.
 *
 * Any failure rejects, as does the deadline: Lambda hands the batch to the function again.
 *
 * @param options see {@link ProcessEventOptions}; without `resume` and a `concurrency` over 1
 * @throws TypeError `ERR_INVALID_ARG_TYPE` (a rejection, as all of these are)
 * @throws KinesisAggError `ERR_DEADLINE`: `context` or `signal` stopped it
 * @throws the failure itself
 */
export function forwardEvent<E extends KinesisStreamTumblingWindowEvent>(
  event: E,
  producer: KinesisProducer | StreamHandle,
  map: (record: DeaggregatedRecord<RecordOf<E>>) => Forwarded | Promise<Forwarded>,
  options?: ProcessEventOptions<RecordOf<E>>
): Promise<KinesisStreamWindowResponse<Record<string, any>>>
/**
 * A Lambda function from stream to stream: takes the event apart, gives each user record to `map`, puts what that makes
 * of it, and returns the response that tells Lambda where to begin again.
 *
 * A record is handled when everything that `map` made of it is stored. Records are put one after the other, no faster
 * than the producer has room, and none waits for the one before it: the producer keeps the order of each key. When all
 * are put, linger is waived.
 *
 * At the first failure, of `map` or of a put, no later record is mapped, and later records that were not sent are taken
 * back from the producer; those before it, and those in flight, are waited for. The response names the earliest Kinesis
 * record of which something failed. Records behind the failure that were stored, or were in flight, come again: of one key, `a`
 * (failed) and `b` become `b a b`. At the deadline all that was not sent is taken back, and nothing is waited for.
 *
 * `onFailure` is called once for each user record that fails, with the error of `map` or the `PutError`. Later records
 * of its key may be stored by then. With `resume`, a stored record is left out when it comes again, unless it shares its
 * source key, or a key under which it was put, with an earlier record that was not: so each key's records stay in order.
 * With `concurrency`, so many promises of `map` may be pending; records of one source key are mapped one after the
 * other.
 *
 * The event source mapping must have `FunctionResponseTypes: ['ReportBatchItemFailures']`. Make the producer outside of
 * the handler.
 *
 * @param producer or what its `forStream` returns
 * @param map returns a record to put, several, or `undefined` for none; or a promise of that. It gets the user record
 * with its key, its explicit hash key and its data: `record => record` forwards it as it is
 * @param options see {@link ProcessEventOptions}. Wrong ones reject before the first record is mapped
 * @returns `{ batchItemFailures: [] }`, or with the `{ itemIdentifier }` to begin at
 * @throws TypeError `ERR_INVALID_ARG_TYPE`: no Kinesis stream event, no producer, `map` is no function, wrong options (a
 * rejection, as all of these are)
 * @throws KinesisAggError `ERR_INVALID_HASH_KEY`: wrong `hashKeyRange`
 * @throws the failure itself, if a record to report has no sequence number (of a pipe: no eventID), or for `bisect`
 * @example
 * const producer = new KinesisProducer({ stream: 'orders-by-customer' })
 * export const handler = (event, context) =>
 *   forwardEvent(event, producer, ({ data }) => ({ partitionKey: JSON.parse(data).customer, data }), { context })
 */
export function forwardEvent<E extends AnyKinesisStreamEvent>(
  event: E,
  producer: KinesisProducer | StreamHandle,
  map: (record: DeaggregatedRecord<RecordOf<E>>) => Forwarded | Promise<Forwarded>,
  options?: ProcessEventOptions<RecordOf<E>>
): Promise<KinesisStreamBatchResponse>
export async function forwardEvent(
  event: unknown,
  producer: unknown,
  map: unknown,
  options?: unknown
): Promise<KinesisStreamBatchResponse | KinesisStreamWindowResponse<object>> {
  const streamEvent = readStreamEvent(event)
  const checked = checkProcessEventOptions(options, streamEvent.isWindow)
  if (checked.chunkSize !== undefined) {
    throw invalidArgument('options.chunkSize', 'left out: map takes one record', checked.chunkSize)
  }
  const taker = takerOf(producer)
  if (taker === undefined) {
    throw invalidArgument('producer', 'a KinesisProducer, or what its forStream returns', producer)
  }
  if (typeof map !== 'function') throw invalidArgument('map', 'a function', map)
  const forwarding = new Forwarding(taker, map as never, checked.resume !== undefined)
  return streamEvent.isWindow
    ? runWindow(streamEvent, checked, forwarding)
    : runBatch(streamEvent, checked, forwarding)
}

async function runWindow(
  event: StreamEvent,
  options: CheckedOptions,
  forwarding: Forwarding
): Promise<KinesisStreamWindowResponse<object>> {
  const state = readState(event.state)
  const failure = await new EventRun(event, options, forwarding).run()
  if (failure !== undefined) throw failure.error
  return { state, batchItemFailures: [] }
}
