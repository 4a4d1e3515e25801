import type {
  AnalyticsPreprocessingEvent,
  DeaggregateOptions,
  DeaggregatedRecord,
  FirehoseTransformationEvent,
  KinesisRecordInput,
  KinesisStreamEvent,
  KinesisStreamRecord,
  KinesisStreamRecordPayload
} from '../types'
import type { ResumeMemory } from './resume-memory'

/** What Lambda hands a function whose event source mapping has a tumbling window. */
export interface KinesisStreamTumblingWindowEvent extends KinesisStreamEvent {
  window: { start: string; end: string }
  /** What the function returned before in the same window. */
  state?: Record<string, any> | null | undefined
  /** The window ends with this event, which may have no records. */
  isFinalInvokeForWindow?: boolean | undefined
  /** The state grew over 1 MB. */
  isWindowTerminatedEarly?: boolean | undefined
  shardId?: string | undefined
  eventSourceARN?: string | undefined
}

/** What {@link processEvent} returns for an event of a tumbling window; for Lambda as it is. */
export interface KinesisStreamWindowResponse<S> {
  state: S
  /** Always empty: a failure rejects. */
  batchItemFailures: []
}

/** A record of a Kinesis stream as an EventBridge pipe hands it to its target. */
export interface PipesKinesisRecord extends KinesisStreamRecordPayload {
  eventID?: string | undefined
  eventName?: string | undefined
  eventSource?: string | undefined
  eventSourceARN?: string | undefined
  eventVersion?: string | undefined
  awsRegion?: string | undefined
  invokeIdentityArn?: string | undefined
}

/** What an EventBridge pipe hands a function. */
export type PipesEvent = readonly PipesKinesisRecord[]

/** The records of a stream event with the parts of `kinesis` in the record itself, as some tools hand them on. */
export interface FlatKinesisStreamEvent {
  Records: readonly PipesKinesisRecord[]
}

/** The object that Lambda stores in the S3 bucket of an on-failure destination, parsed. */
export interface FailedBatchObject {
  /** JSON text of the event. */
  payload: string
  KinesisBatchInfo?: KinesisBatchInfo | undefined
  requestContext?: object | undefined
  responseContext?: object | undefined
  version?: string | undefined
  timestamp?: string | undefined
}

/** Which records a failed batch had. */
export interface KinesisBatchInfo {
  shardId: string
  startSequenceNumber: string
  endSequenceNumber: string
  approximateArrivalOfFirstRecord?: string | undefined
  approximateArrivalOfLastRecord?: string | undefined
  batchSize: number
  streamArn: string
}

/** Every event with records of a Kinesis stream that has no tumbling window. */
export type AnyKinesisStreamEvent =
  (KinesisStreamEvent & { window?: undefined }) | FlatKinesisStreamEvent | PipesEvent | FailedBatchObject

/** Every event that {@link deaggregateEvent} takes. */
export type DeaggregatableEvent =
  | AnyKinesisStreamEvent
  | KinesisStreamTumblingWindowEvent
  | FirehoseTransformationEvent
  | AnalyticsPreprocessingEvent

/** One of the records of an event. */
export type RecordOf<E> = E extends readonly (infer R extends KinesisRecordInput)[]
  ? R
  : E extends { readonly Records: readonly (infer R extends KinesisRecordInput)[] }
    ? R
    : E extends { readonly records: readonly (infer R extends KinesisRecordInput)[] }
      ? R
      : KinesisStreamRecord

/** What {@link processEvent} needs of the context that Lambda hands a function. */
export interface LambdaContext {
  getRemainingTimeInMillis(): number
}

/** What a handler gets beside the record. */
export interface HandlerContext {
  /** Aborts when `context` or `signal` of the options stop the event: what the handler does then is not awaited. */
  signal: AbortSignal
}

/** How to process an event. */
export interface ProcessEventOptions<Source = KinesisRecordInput> extends DeaggregateOptions {
  /**
   * How many handlers may run at a time. Those of one partition key run one after the other, in order; records without a
   * partition key have no order to keep. After a failure no later record starts, and those that run are waited for. Later
   * records may have been handled by then; they come again.
   *
   * @default 1
   */
  concurrency?: number | undefined
  /**
   * Called once for each record that fails, when it fails, before a later record of its key starts, and awaited: with
   * the error, the user record (undefined if the enclosing record cannot be decoded), and the enclosing record. The
   * response has no room for the error, so without `onFailure` it goes to `console.error`.
   *
   * If it returns or resolves to `'skip'` (`string` in the type, since TypeScript widens what async functions return),
   * the record counts as handled; for those who have kept it elsewhere. If it throws, the answer stands, and the error
   * goes to `console.error`.
   *
   * Also called with `ERR_DEADLINE` for the earliest record that `context` or `signal` stopped; `'skip'` is ignored then,
   * and with `context` the answer does not wait for it when nine tenths of `reserveMs` are used up.
   */
  onFailure?:
    | ((
        error: unknown,
        record: DeaggregatedRecord<Source> | undefined,
        source: Source
      ) => void | 'skip' | Promise<void | string>)
    | undefined
  /** The context that Lambda hands a function. With it, processing stops `reserveMs` before the function times out. */
  context?: LambdaContext | undefined
  /**
   * Milliseconds between the stop and Lambda's time-out, for `onFailure` and the answer.
   *
   * @default 500
   */
  reserveMs?: number | undefined
  /** Stops processing when it aborts, as `context` does. */
  signal?: AbortSignal | undefined
  /**
   * Reject instead of answering, if the failing Kinesis record is the first of several: Lambda halves the batch only of
   * failed invocations (`BisectBatchOnFunctionError`).
   *
   * @default false
   */
  bisect?: boolean | undefined
  /** Skips the user records that an earlier attempt handled. Make one for each handler, outside of it. */
  resume?: ResumeMemory | undefined
}
