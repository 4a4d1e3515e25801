import { type DeaggregatedRecord, type KinesisRecordInput, deaggregateSync } from '../index'
import { isBase64 } from './base64-lines'
import { gunzipped } from './gunzip'
import { PayloadReader } from './payload-reader'
import { AnyReader } from './reader'
import type { RowWriter } from './rows'
import type { Job } from './walk'

/** Kinesis records in, rows of user records out. */
export class Decode implements Job {
  readonly reader = new PayloadReader(new AnyReader())
  userRecords = 0

  /** @param gunzip show what gzipped data holds, as CloudWatch Logs puts it */
  constructor(
    private readonly rows: RowWriter,
    private readonly gunzip: boolean
  ) {}

  handle(value: unknown): Iterable<string | Buffer> {
    const userRecords = deaggregateSync(toRecords(value))
    if (this.gunzip) for (const userRecord of userRecords) userRecord.data = gunzipped(userRecord.data)
    this.userRecords += userRecords.length
    return this.#write(userRecords)
  }

  *#write(userRecords: DeaggregatedRecord[]): Iterable<string | Buffer> {
    for (const userRecord of userRecords) yield this.rows.add(userRecord)
  }

  *pause(): Iterable<string> {
    yield this.rows.flush()
  }
}

/** Text is the base64 of a record's data; an event of SubscribeToShard holds several. The library judges the rest. */
function toRecords(value: unknown): KinesisRecordInput | KinesisRecordInput[] {
  if (typeof value === 'string') {
    if (!isBase64(value)) throw new Error('the text is not base64')
    return { data: value }
  }
  const { SubscribeToShardEvent: event } = (value ?? {}) as { SubscribeToShardEvent?: { Records?: unknown } }
  return (Array.isArray(event?.Records) ? event.Records : value) as KinesisRecordInput | KinesisRecordInput[]
}
