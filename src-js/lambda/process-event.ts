import { invalidArgument } from '../errors'
import type { DeaggregatedRecord, KinesisStreamBatchResponse } from '../types'
import { readStreamEvent } from './events'
import { type CallHandler, HandlerCalls } from './handling'
import { type CheckedOptions, checkProcessEventOptions } from './options'
import { runBatch } from './run-batch'
import type {
  AnyKinesisStreamEvent,
  HandlerContext,
  KinesisStreamTumblingWindowEvent,
  KinesisStreamWindowResponse,
  ProcessEventOptions,
  RecordOf
} from './types'
import { foldWindow } from './window'

/**
 * Runs `handler` over the user records of an event of a tumbling window, one at a time and in order, and returns the new
 * state.
 *
 * Any failure rejects, as does the deadline: Lambda hands the batch to the function again, with its old state.
 *
 * @param handler gets a user record and the state (`{}` at first) and returns the next state, or a promise of it;
 * `undefined` keeps the state. Anything else that is no plain object fails the record
 * @param options see {@link ProcessEventOptions}; without `chunkSize`, `resume` and a `concurrency` over 1
 * @throws TypeError `ERR_INVALID_ARG_TYPE` (a rejection, as all of these are)
 * @throws KinesisAggError `ERR_DEADLINE`: `context` or `signal` stopped it
 * @throws the failure itself
 * @example
 * exports.handler = async event => {
 *   const { state } = await processEvent(event, ({ partitionKey }, counts) => {
 *     counts[partitionKey] = (counts[partitionKey] ?? 0) + 1
 *   })
 *   if (event.isFinalInvokeForWindow || event.isWindowTerminatedEarly) await publish(state, event.window)
 *   return { state }
 * }
 */
export function processEvent<
  E extends KinesisStreamTumblingWindowEvent,
  S extends object = Record<string, any>
>(
  event: E,
  handler: (
    record: DeaggregatedRecord<RecordOf<E>>,
    state: S,
    at: HandlerContext
  ) => S | undefined | void | Promise<S | undefined | void>,
  options?: ProcessEventOptions<RecordOf<E>>
): Promise<KinesisStreamWindowResponse<S>>
/**
 * Runs `handler` over the user records of a Kinesis stream event in chunks of up to `chunkSize`, for writers in bulk. A
 * chunk may have user records of several Kinesis records; if it fails, the response names the first of those.
 *
 * @param options see {@link ProcessEventOptions}
 * @example
 * exports.handler = event => processEvent(event, records => insertAll(records), { chunkSize: 100 })
 */
export function processEvent<E extends AnyKinesisStreamEvent>(
  event: E,
  handler: (records: DeaggregatedRecord<RecordOf<E>>[], at: HandlerContext) => unknown,
  options: Omit<ProcessEventOptions<RecordOf<E>>, 'chunkSize'> & { chunkSize: number }
): Promise<KinesisStreamBatchResponse>
/**
 * Runs `handler` over the user records of a Kinesis stream event, in order, one at a time unless `concurrency` says
 * otherwise, and returns the response that tells Lambda where to begin again.
 *
 * At the first failure it stops and reports the sequence number of the enclosing Kinesis record: Lambda retries from
 * there, so user records of the same aggregate that were handled already come again, unless `resume` skips them. A record
 * that cannot be decoded fails in its turn, after all before it were handled. For the array of an EventBridge pipe the
 * response names the `eventID` of every record from there on.
 *
 * The event source mapping must have `FunctionResponseTypes: ['ReportBatchItemFailures']`. Without it Lambda does not
 * read the response, and takes every one for success.
 *
 * @param handler has handled a record when it returns, or when its promise is fulfilled
 * @param options see {@link ProcessEventOptions}. Wrong ones reject before the first handler runs
 * @returns `{ batchItemFailures: [] }`, or with the `{ itemIdentifier }` to begin at
 * @throws TypeError `ERR_INVALID_ARG_TYPE`: no Kinesis stream event, `handler` is no function, wrong options (a
 * rejection, as all of these are)
 * @throws KinesisAggError `ERR_INVALID_HASH_KEY`: wrong `hashKeyRange`
 * @throws the failure itself, if a record to report has no sequence number (of a pipe: no eventID), or for `bisect`:
 * Lambda retries the whole batch then
 * @example
 * exports.handler = event => processEvent(event, async record => save(record.partitionKey, record.data))
 */
export function processEvent<E extends AnyKinesisStreamEvent>(
  event: E,
  handler: (record: DeaggregatedRecord<RecordOf<E>>, at: HandlerContext) => unknown,
  options?: ProcessEventOptions<RecordOf<E>>
): Promise<KinesisStreamBatchResponse>
export async function processEvent(
  event: unknown,
  handler: unknown,
  options?: unknown
): Promise<KinesisStreamBatchResponse> {
  const streamEvent = readStreamEvent(event)
  const checked = checkProcessEventOptions(options, streamEvent.isWindow)
  if (typeof handler !== 'function') throw invalidArgument('handler', 'a function', handler)
  if (streamEvent.isWindow) return foldWindow(streamEvent, handler as never, checked)
  return runBatch(streamEvent, checked, new HandlerCalls(callFor(handler as never, checked)))
}

function callFor(
  handler: (records: unknown, at: HandlerContext) => unknown,
  { chunkSize }: CheckedOptions
): CallHandler {
  if (chunkSize === undefined) return (items, at) => handler(items[0]!.record, at)
  return (items, at) =>
    handler(
      items.map(({ record }) => record),
      at
    )
}
