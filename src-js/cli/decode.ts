import { type KinesisRecordInput, type UserRecord, deaggregateSync } from '../index'
import { isBase64 } from './base64-lines'
import { AnyReader } from './reader'
import type { RowWriter } from './rows'
import type { Job } from './walk'

/** Kinesis records in, rows of user records out. */
export class Decode implements Job {
  readonly reader = new AnyReader()
  userRecords = 0

  constructor(private readonly rows: RowWriter) {}

  handle(value: unknown): Iterable<string | Buffer> {
    const userRecords = deaggregateSync(toRecord(value))
    this.userRecords += userRecords.length
    return this.#write(userRecords)
  }

  *#write(userRecords: UserRecord[]): Iterable<string | Buffer> {
    for (const userRecord of userRecords) yield this.rows.add(userRecord)
  }

  *pause(): Iterable<string> {
    yield this.rows.flush()
  }
}

/** Text is the base64 of a record's data; all else is for the library to judge. */
function toRecord(value: unknown): KinesisRecordInput {
  if (typeof value !== 'string') return value as KinesisRecordInput
  if (!isBase64(value)) throw new Error('the text is not base64')
  return { data: value }
}
