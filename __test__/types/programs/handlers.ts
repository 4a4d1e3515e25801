import * as kinesisAgg from 'aws-kinesis-agg'
import type { KinesisStreamEvent, KinesisStreamHandler, KinesisStreamRecord } from 'aws-lambda'
import { promisify } from 'node:util'

// A handler that reads what the callback filled on the next line.
export const collecting: KinesisStreamHandler = (event, _context, done) => {
  const all: kinesisAgg.UserRecord[] = []
  for (const { kinesis } of event.Records) {
    kinesisAgg.deaggregateSync(kinesis, true, (error: Error, userRecords: kinesisAgg.UserRecord[] = []) => {
      if (error) done(error)
      all.push(...userRecords)
    })
  }
  done()
}

// Parsing, with a type of one's own.
interface Reading {
  device: string
  value: number
}
export const parse = ({ data }: kinesisAgg.UserRecord): Reading =>
  JSON.parse(Buffer.from(data, 'base64').toString('utf8'))
export async function readings(event: KinesisStreamEvent): Promise<Reading[]> {
  const deaggregate = promisify(kinesisAgg.deaggregateSync)
  const found = await Promise.all(event.Records.map(({ kinesis }) => deaggregate(kinesis, true)))
  return found.flatMap(userRecords => (userRecords ?? []).map(parse))
}

// Functions that are handed on as values, in objects and as arguments.
export const codec = {
  deaggregate: kinesisAgg.deaggregate,
  deaggregateSync: kinesisAgg.deaggregateSync,
  aggregate: kinesisAgg.aggregate
}
type TakeApart = (
  record: KinesisStreamRecord['kinesis'],
  computeChecksums: boolean,
  done: (error: Error, userRecords?: kinesisAgg.UserRecord[]) => void
) => void
export class Consumer {
  constructor(private readonly takeApart: TakeApart = kinesisAgg.deaggregateSync) {}
  consume(record: KinesisStreamRecord): void {
    this.takeApart(record.kinesis, true, () => {})
  }
}
export const consumers = [new Consumer(), new Consumer(codec.deaggregateSync)]

// A class that puts, with callbacks that are its methods.
export class Sender {
  failures: { error: Error; data: kinesisAgg.EncodedRecord | undefined }[] = []
  send(records: object[]): Promise<void> {
    return new Promise(resolve => {
      kinesisAgg.aggregate(records, this.put, resolve, this.failed.bind(this), records.length)
    })
  }
  private readonly put = (
    encoded: kinesisAgg.EncodedRecord,
    done: (error?: Error, data?: { ShardId: string; SequenceNumber: string }) => void
  ): void => {
    if (encoded.data.byteLength > 0) done(undefined, { ShardId: 'shardId-0', SequenceNumber: '1' })
    else done(new Error('empty'))
  }
  private failed(error: Error, data?: kinesisAgg.EncodedRecord): void {
    this.failures.push({ error, data })
  }
}

// Types made of the functions' types.
type Callback<F> = F extends (...args: infer A) => void ? A[2 & keyof A] : never
export const last: Callback<typeof kinesisAgg.deaggregateSync> = (_error, userRecords) => void userRecords
export const partial = (
  ...rest: Parameters<typeof kinesisAgg.deaggregateSync> extends [unknown, ...infer Rest] ? Rest : never
): number => rest.length
