import { tracingChannel } from 'node:diagnostics_channel'

/**
 * What subscribers of the tracing channel `kinesis-agg:producer:put-records` of `node:diagnostics_channel` get: one object
 * for each request, at its `start`, its `error` if it fails, and its `asyncEnd`.
 */
export interface PutRecordsTrace {
  /** Name or ARN, as it was named. */
  stream: string
  /** Kinesis records of the request. */
  records: number
  /** Bytes of their data and partition keys. */
  bytes: number
  /** The most that a Kinesis record of the request was sent, this time included. */
  attempt: number
  /** Of a request that failed as a whole, or was not answered in time. */
  error?: unknown
}

const channel = tracingChannel<unknown, PutRecordsTrace>('kinesis-agg:producer:put-records')

/** @returns `undefined` if nobody listens */
export function traceStart(trace: PutRecordsTrace): PutRecordsTrace | undefined {
  const { start, asyncEnd, error } = channel
  if (!start.hasSubscribers && !asyncEnd.hasSubscribers && !error.hasSubscribers) return undefined
  start.publish(trace)
  return trace
}

export function traceError(trace: PutRecordsTrace | undefined, error: unknown): void {
  if (trace === undefined) return
  trace.error = error
  channel.error.publish(trace)
}

export function traceEnd(trace: PutRecordsTrace | undefined): void {
  if (trace !== undefined) channel.asyncEnd.publish(trace)
}
