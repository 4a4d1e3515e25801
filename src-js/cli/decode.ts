import { gunzipSync } from 'node:zlib'
import { type DeaggregatedRecord, deaggregateSync } from '../index'
import { MAX_BYTES } from '../inputs/found'
import { toKinesisRecords } from '../inputs/kinesis-records'
import { PayloadReader } from '../inputs/payload-reader'
import { AnyReader } from '../inputs/reader'
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
    const userRecords = deaggregateSync(toKinesisRecords(value))
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

/** Data that is not gzip stays as it is. */
function gunzipped(data: Buffer): Buffer {
  if (data[0] !== 0x1f || data[1] !== 0x8b) return data
  try {
    return gunzipSync(data, { maxOutputLength: MAX_BYTES })
  } catch (error) {
    throw new Error(`the data is gzip that cannot be opened: ${(error as Error).message}`, { cause: error })
  }
}
