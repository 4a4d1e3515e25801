import type { Transform } from 'node:stream'
import { RecordAggregator } from '../aggregation/record-aggregator'
import { invalidArgument } from '../errors'
import type { AggregateInput, AggregateStreamOptions, EncodedRecord } from '../types'
import { nodeStream, withRecord } from './transform'
import type { TypedTransform } from './types'

/** The longest that Node's timers wait. */
const MAX_LINGER_MS = 2 ** 31 - 1

/**
 * A stream in object mode that takes user records and gives encoded records, each as full as `maxSize` allows; the last
 * one at the end of its input. With `lingerMs` it also gives a partial aggregate once its first record has waited that
 * long; the timer does not keep the process running.
 *
 * It honours back-pressure. While its reader stalls, aggregates get fuller rather than more.
 *
 * @param options see {@link AggregateStreamOptions}
 * @returns a Transform; a record that cannot be aggregated destroys it, with an error of {@link RecordAggregator.push},
 * whose `record` it is
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 * @example
 * await pipeline(readings, aggregateStream({ lingerMs: 1000 }), async function (encoded) {
 *   for await (const record of encoded) await put(record)
 * })
 */
export function aggregateStream(
  options?: AggregateStreamOptions
): TypedTransform<AggregateInput, EncodedRecord> {
  const aggregator = new RecordAggregator(options)
  const lingerMs = checkLinger(options?.lingerMs)
  let timer: NodeJS.Timeout | undefined
  /** The time was up while the reader had not taken the last aggregate. */
  let isDue = false

  const { Transform } = nodeStream()
  const stream: Transform = new Transform({
    writableObjectMode: true,
    readableObjectMode: true,
    // Encoded records are large: one that waits is enough.
    readableHighWaterMark: 1,
    transform(record: AggregateInput, _encoding, callback) {
      const isFirst = aggregator.length() === 0
      let full: EncodedRecord | undefined
      try {
        full = aggregator.push(record)
      } catch (error) {
        callback(withRecord(error, record))
        return
      }
      if (isFirst || full !== undefined) startLinger()
      // This record is counted among those that wait.
      else if (isDue && stream.writableLength <= 1 && hasRoom()) full = takePartial()
      callback(null, full)
    },
    read(size) {
      // What lets the next record in. Those that wait make what is due fuller.
      Transform.prototype._read.call(stream, size)
      if (isDue && stream.writableLength === 0) stream.push(takePartial())
    },
    flush(callback) {
      clearTimeout(timer)
      callback(null, takePartial())
    },
    destroy(error, callback) {
      clearTimeout(timer)
      aggregator.clearRecords()
      callback(error)
    }
  })

  function startLinger(): void {
    isDue = false
    if (lingerMs === undefined) return
    clearTimeout(timer)
    timer = setTimeout(() => {
      // A reader that stalls gets a fuller aggregate later, not one more that waits.
      if (hasRoom()) stream.push(takePartial())
      else isDue = true
    }, lingerMs)
    // Not everything that stands in for Node.js, jsdom for one, has it.
    timer.unref?.()
  }

  function hasRoom(): boolean {
    return stream.readableLength < stream.readableHighWaterMark
  }

  /** Undefined only at the end: the timer starts with a record, and an aggregate that leaves takes `isDue` along. */
  function takePartial(): EncodedRecord | undefined {
    isDue = false
    return aggregator.flush()
  }

  return stream
}

function checkLinger(lingerMs: unknown): number | undefined {
  if (lingerMs === undefined) return undefined
  if (typeof lingerMs === 'number' && lingerMs > 0 && lingerMs <= MAX_LINGER_MS) return lingerMs
  throw invalidArgument('options.lingerMs', `milliseconds, up to ${MAX_LINGER_MS}`, lingerMs)
}
