import { tracingChannel } from 'node:diagnostics_channel'

/** What subscribers of `tracing:kinesis-agg:producer:put-records:*` get. */
export interface PutRecordsTrace {
  stream: string
  /** Kinesis records, and their bytes. */
  records: number
  bytes: number
  /** The most that a Kinesis record of the request was sent, this time included. */
  attempt: number
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
