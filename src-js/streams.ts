import type { Transform } from 'node:stream'
import { RecordAggregator } from './aggregator'
import { checkOptions, deaggregateAll } from './deaggregate'
import { invalidArgument } from './errors'
import type { AggregateInput, AggregateStreamOptions, DeaggregateOptions } from './types'

/** The longest that Node's timers wait. */
const GREATEST_INTERVAL = 2 ** 31 - 1

/** Not loaded before it is needed: most functions have no use for it, and a cold start waits for it. */
const streams = (): typeof import('node:stream') => require('node:stream')

/**
 * A stream in object mode that takes Kinesis records, of any form, and gives their user records in order. It
 * reads the next Kinesis record when the user records of the last are taken.
 *
 * @param options see {@link DeaggregateOptions}
 * @returns a Transform; a damaged record destroys it, with the error of {@link deaggregateSync}, whose
 * `record` is the one that it is about
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 * @example
 * for await (const { partitionKey, data } of Readable.from(records).pipe(deaggregateStream())) {
 *   console.log(partitionKey, data.toString())
 * }
 */
export function deaggregateStream(options?: DeaggregateOptions): Transform {
  const checked = checkOptions(options)
  return new (streams().Transform)({
    objectMode: true,
    transform(record: unknown, _encoding, callback) {
      try {
        for (const userRecord of deaggregateAll([record], checked)) this.push(userRecord)
      } catch (error) {
        callback(withRecord(error, record))
        return
      }
      callback()
    }
  })
}

/**
 * A stream in object mode that takes user records and gives encoded records, each as full as `maxSize` allows;
 * the last one when its input ends. With `flushIntervalMs` it also gives what it has when no record came for
 * that long; its timer does not keep the process running.
 *
 * @param options see {@link AggregateStreamOptions}
 * @returns a Transform; a record that cannot be aggregated destroys it, with an error of
 * {@link RecordAggregator.push}, whose `record` it is
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 * @example
 * await pipeline(readings, aggregateStream({ flushIntervalMs: 1000 }), async function (encoded) {
 *   for await (const record of encoded) await put(record)
 * })
 */
export function aggregateStream(options?: AggregateStreamOptions): Transform {
  const aggregator = new RecordAggregator(options)
  const interval = checkInterval(options?.flushIntervalMs)
  let timer: NodeJS.Timeout | undefined
  const stream = new (streams().Transform)({
    writableObjectMode: true,
    readableObjectMode: true,
    // Encoded records are large: one that waits is enough.
    readableHighWaterMark: 1,
    transform(record: AggregateInput, _encoding, callback) {
      try {
        const full = aggregator.push(record)
        if (full !== undefined) this.push(full)
      } catch (error) {
        callback(withRecord(error, record))
        return
      }
      if (interval !== undefined) timer = timer?.refresh() ?? setTimeout(flushQuiet, interval).unref()
      callback()
    },
    flush(callback) {
      clearTimeout(timer)
      callback(null, aggregator.flush())
    },
    destroy(error, callback) {
      clearTimeout(timer)
      aggregator.clearRecords()
      callback(error)
    }
  })
  function flushQuiet(): void {
    // Records that a slow reader keeps waiting are not quiet.
    if (stream.writableLength > 0) {
      timer?.refresh()
      return
    }
    const rest = aggregator.flush()
    if (rest !== undefined) stream.push(rest)
  }
  return stream
}

function checkInterval(interval: unknown): number | undefined {
  if (interval === undefined) return undefined
  if (typeof interval === 'number' && interval > 0 && interval <= GREATEST_INTERVAL) return interval
  throw invalidArgument('options.flushIntervalMs', `milliseconds, up to ${GREATEST_INTERVAL}`, interval)
}

/** An argument of the wrong kind has no record with it; in a stream nobody else knows which one it was. */
function withRecord(error: unknown, record: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error))
  return 'record' in error
    ? error
    : Object.defineProperty(error, 'record', { value: record, writable: true, configurable: true })
}
