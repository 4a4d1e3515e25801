import { type DeaggregatedRecord, deaggregateSync } from '../index'
import { toKinesisRecords } from '../inputs/kinesis-records'
import { PayloadReader } from '../inputs/payload-reader'
import { AnyReader } from '../inputs/reader'
import { gunzipped } from './gunzip'
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
