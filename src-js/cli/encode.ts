import {
  type AggregateInput,
  type EncodedRecord,
  type PutRecordsRequestEntry,
  RecordAggregator,
  type ShardMap,
  ShardedAggregator,
  putRecordsBatches
} from '../index'
import { isBase64 } from '../inputs/base64-lines'
import { JsonScanner } from '../inputs/json-scanner'
import type { Job } from './walk'

/** User records in, one line of JSON per call of `aws kinesis put-records` out. */
export class Encode implements Job {
  readonly reader = new JsonScanner()
  userRecords = 0
  readonly #aggregator: { push(record: AggregateInput): EncodedRecord | undefined; flush(): unknown }
  #waiting: EncodedRecord[] = []

  /**
   * @param maxSize bytes of an encoded record
   * @param shards keep the records of each shard apart, so that KCL reads them all
   */
  constructor(maxSize: number | undefined, shards: ShardMap | undefined) {
    const options = { maxSize }
    this.#aggregator =
      shards === undefined ? new RecordAggregator(options) : new ShardedAggregator(shards, options)
  }

  handle(value: unknown): Iterable<string> {
    const full = this.#aggregator.push(toUserRecord(value))
    this.userRecords++
    return full === undefined ? [] : this.#add(full)
  }

  pause(isEnd: boolean): Iterable<string> {
    if (!isEnd) return []
    const rest = this.#aggregator.flush() as EncodedRecord | EncodedRecord[] | undefined
    return putRecordsBatches(this.#waiting.concat(rest ?? [])).map(toLine)
  }

  /** A batch is written when the next record does not fit into it. */
  #add(encoded: EncodedRecord): string[] {
    const batches = putRecordsBatches([...this.#waiting, encoded])
    if (batches.length === 1) {
      this.#waiting.push(encoded)
      return []
    }
    this.#waiting = [encoded]
    return [toLine(batches[0]!)]
  }
}

function toLine(entries: PutRecordsRequestEntry[]): string {
  const Records = entries.map(entry => ({ ...entry, Data: entry.Data.toString('base64') }))
  return `${JSON.stringify({ Records })}\n`
}

function toUserRecord(value: unknown): AggregateInput {
  if (typeof value !== 'object' || value === null) throw new TypeError('a user record must be an object')
  const record = value as Record<string, unknown>
  for (const name of ['explicitHashKey', 'ExplicitHashKey']) {
    const hashKey = record[name]
    if (typeof hashKey === 'number' && !Number.isSafeInteger(hashKey)) {
      throw new TypeError(`${name} has more digits than a JSON number holds: write it as a string`)
    }
  }
  const { data, dataBase64 } = record
  if (data !== undefined || dataBase64 === undefined) return record as unknown as AggregateInput
  if (typeof dataBase64 !== 'string') throw new TypeError('dataBase64 must be a string')
  if (!isBase64(dataBase64)) throw new TypeError('dataBase64 is not base64')
  return { ...record, data: Buffer.from(dataBase64, 'base64') } as unknown as AggregateInput
}
