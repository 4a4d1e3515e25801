import * as kinesisAgg from 'aws-kinesis-agg'
import type { KinesisStreamRecordPayload } from 'aws-lambda'

declare const payload: KinesisStreamRecordPayload

// bind, call and apply.
kinesisAgg.deaggregateSync.bind(null, payload, true)((_, userRecords) => void userRecords?.length)
kinesisAgg.deaggregateSync.call(null, payload, true, () => {})
kinesisAgg.deaggregate.apply(null, [payload, true, () => {}, () => {}])

// Mocks, as jest and sinon type them.
interface Mock<F extends (...args: never[]) => unknown> {
  mockImplementation(implementation: (...args: Parameters<F>) => ReturnType<F>): this
  calls: Parameters<F>[]
}
declare function mocked<F extends (...args: never[]) => unknown>(real: F): Mock<F>
mocked(kinesisAgg.deaggregateSync).mockImplementation((record, _checks, callback) => {
  callback(undefined as unknown as Error, [
    {
      partitionKey: record.partitionKey,
      sequenceNumber: record.sequenceNumber,
      subSequenceNumber: 0,
      data: record.data
    }
  ])
})
mocked(kinesisAgg.aggregate).mockImplementation((records, encodedRecordHandler, after) => {
  encodedRecordHandler({ partitionKey: records[0].partitionKey, data: Buffer.from('x') }, after)
})
declare function stub<O, K extends keyof O>(
  object: O,
  method: K
): O[K] extends (...args: infer A) => unknown ? { firstCall: { args: A } } : never
const checks: boolean = stub(kinesisAgg, 'deaggregateSync').firstCall.args[1]

// Types that take the package's.
type Collected = Record<string, kinesisAgg.UserRecord[]>
export const collected: Collected = {
  a: [{ partitionKey: 'a', sequenceNumber: '1', subSequenceNumber: checks ? 0 : 1, data: 'eA==' }]
}
export const encoded: kinesisAgg.EncodedRecord = { partitionKey: 'a', data: Buffer.from('x') }
export class Reader {
  readonly records: kinesisAgg.UserRecord[] = []
  read(record: KinesisStreamRecordPayload): void {
    kinesisAgg.deaggregateSync(record, true, this.take.bind(this))
  }
  private take(error: Error, userRecords?: kinesisAgg.UserRecord[]): void {
    if (error) throw error
    this.records.push(...userRecords!)
  }
}
