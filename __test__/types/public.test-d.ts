/**
 * What has to compile, under strict settings and against the real typings of Lambda and of the AWS SDK; `tsc -p
 * __test__` checks it, and nothing here runs.
 */
import type { PutRecordsRequestEntry, _Record } from '@aws-sdk/client-kinesis'
import type {
  FirehoseTransformationEvent,
  FirehoseTransformationEventRecord,
  KinesisStreamEvent,
  KinesisStreamRecord,
  KinesisStreamRecordPayload,
  KinesisStreamTumblingWindowEvent
} from 'aws-lambda'
import { promisify } from 'node:util'
import { expectTypeOf } from 'vitest'
import {
  type AggregateInput,
  type AnalyticsPreprocessingRecord,
  type EncodedRecord,
  type ErrorCode,
  type KclRecord,
  KinesisAggError,
  type KinesisRecordInput,
  type SdkUserRecord,
  type UserRecord,
  RecordAggregator,
  type DeaggregatedRecord,
  aggregate,
  deaggregate,
  deaggregateSync,
  isAggregated,
  iterateUserRecords
} from 'kinesis-agg'

declare const event: KinesisStreamEvent
declare const windowed: KinesisStreamTumblingWindowEvent
declare const whole: KinesisStreamRecord
declare const payload: KinesisStreamRecordPayload
declare const firehose: FirehoseTransformationEvent
declare const sdkRecord: _Record
declare const analytics: AnalyticsPreprocessingRecord
declare const kclRecord: KclRecord
declare const encoded: EncodedRecord
declare const userRecords: DeaggregatedRecord[]

// Records of Lambda, Firehose and the SDK are inputs as they are, one by one and in arrays.
expectTypeOf<KinesisStreamRecord>().toExtend<KinesisRecordInput>()
expectTypeOf<KinesisStreamRecordPayload>().toExtend<KinesisRecordInput>()
expectTypeOf<FirehoseTransformationEventRecord>().toExtend<KinesisRecordInput>()
expectTypeOf<_Record>().toExtend<KinesisRecordInput>()
expectTypeOf(deaggregateSync(event.Records)).toEqualTypeOf<DeaggregatedRecord<KinesisStreamRecord>[]>()
expectTypeOf(deaggregateSync(event.Records)[0]!.source.eventID).toEqualTypeOf<string>()
expectTypeOf(deaggregateSync(windowed.Records)).toEqualTypeOf<DeaggregatedRecord<KinesisStreamRecord>[]>()
expectTypeOf(deaggregateSync(firehose.records)).toEqualTypeOf<
  DeaggregatedRecord<FirehoseTransformationEventRecord>[]
>()
expectTypeOf(deaggregateSync([sdkRecord])).toEqualTypeOf<DeaggregatedRecord<_Record>[]>()
expectTypeOf(deaggregateSync(analytics)).toEqualTypeOf<DeaggregatedRecord<AnalyticsPreprocessingRecord>[]>()
expectTypeOf(deaggregateSync(kclRecord)).toEqualTypeOf<DeaggregatedRecord<KclRecord>[]>()
expectTypeOf(deaggregateSync(encoded)).toEqualTypeOf<DeaggregatedRecord<EncodedRecord>[]>()
expectTypeOf(deaggregateSync([whole, payload, sdkRecord] as const)).toEqualTypeOf<
  DeaggregatedRecord<KinesisStreamRecord | KinesisStreamRecordPayload | _Record>[]
>()
expectTypeOf(iterateUserRecords(event.Records)).toEqualTypeOf<
  IterableIterator<DeaggregatedRecord<KinesisStreamRecord>>
>()
expectTypeOf(iterateUserRecords(new Set([payload]))).toEqualTypeOf<
  IterableIterator<DeaggregatedRecord<KinesisStreamRecordPayload>>
>()
expectTypeOf(isAggregated(sdkRecord)).toEqualTypeOf<boolean>()

// The options, and the result of each overload.
deaggregateSync(event.Records, { computeChecksums: false, onInvalid: 'passthrough' })
deaggregateSync(payload, { hashKeyRange: { startingHashKey: 0n, endingHashKey: '340' } })
deaggregateSync(payload, {
  onInvalid: 'salvage',
  onInvalidRecord: ({ code, subSequenceNumber }, record) => {
    expectTypeOf(code).toEqualTypeOf<ErrorCode>()
    expectTypeOf(subSequenceNumber).toEqualTypeOf<number | undefined>()
    expectTypeOf(record).toEqualTypeOf<KinesisRecordInput>()
  }
})
// @ts-expect-error no such choice
deaggregateSync(payload, { onInvalid: 'skip' })
// @ts-expect-error the drop-in form takes one record
deaggregateSync([payload], true, () => {})
// @ts-expect-error no record
deaggregateSync('f3899ac2')

expectTypeOf(
  deaggregateSync(payload, true, (err, records) => {
    expectTypeOf(err).toEqualTypeOf<Error>()
    expectTypeOf(records).toEqualTypeOf<UserRecord[]>()
  })
).toEqualTypeOf<void>()
deaggregateSync(sdkRecord, true, (_, records) => expectTypeOf(records).toEqualTypeOf<SdkUserRecord[]>())
expectTypeOf(
  deaggregate(
    payload,
    true,
    (err, record) => {
      expectTypeOf(err).toEqualTypeOf<Error>()
      expectTypeOf(record).toEqualTypeOf<UserRecord>()
    },
    (err, record) => {
      expectTypeOf(err).toEqualTypeOf<Error | undefined>()
      expectTypeOf(record).toEqualTypeOf<UserRecord | undefined>()
    }
  )
).toEqualTypeOf<void>()
// Handlers written against the typings of aws-kinesis-agg name their parameters so.
const onRecords = (_: Error | undefined, records?: { partitionKey: string; data: string }[]): void =>
  void records
deaggregateSync(whole.kinesis, true, onRecords)
expectTypeOf(promisify(deaggregateSync)(payload, true)).resolves.toEqualTypeOf<UserRecord[] | undefined>()

// A user record.
expectTypeOf<DeaggregatedRecord['data']>().toEqualTypeOf<Buffer>()
expectTypeOf<DeaggregatedRecord['explicitHashKey']>().toEqualTypeOf<string | undefined>()
expectTypeOf<DeaggregatedRecord['approximateArrivalTimestamp']>().toEqualTypeOf<number | Date | undefined>()
expectTypeOf<DeaggregatedRecord['source']>().toEqualTypeOf<KinesisRecordInput>()
expectTypeOf<DeaggregatedRecord>().toExtend<AggregateInput>()

// Aggregation: every form of a user record, also mixed.
expectTypeOf(aggregate(userRecords)).toEqualTypeOf<EncodedRecord[]>()
aggregate([
  { partitionKey: 'k', data: 'text' },
  { partitionKey: 'k', data: new Uint16Array(2), explicitHashKey: 5n },
  { partitionKey: 'k', data: new ArrayBuffer(2), explicitPartitionKey: '5' },
  { PartitionKey: 'k', Data: new DataView(new ArrayBuffer(1)), ExplicitHashKey: 5 }
])
aggregate(new Set([{ partitionKey: 'k', data: new SharedArrayBuffer(1) }]), { maxSize: 100, strict: true })
// @ts-expect-error numbers are no data
aggregate([{ partitionKey: 'k', data: 5 }])
// @ts-expect-error a user record has a key
aggregate([{ data: 'x' }])
expectTypeOf(
  aggregate(
    userRecords,
    (one, callback) => {
      expectTypeOf(one).toEqualTypeOf<EncodedRecord>()
      callback(null, { SequenceNumber: '1' })
      callback(new Error('no'))
      callback()
    },
    () => {},
    (error, data) => {
      expectTypeOf(error).toEqualTypeOf<Error>()
      expectTypeOf(data).toEqualTypeOf<EncodedRecord | undefined>()
    },
    4
  )
).toEqualTypeOf<void>()
aggregate(
  userRecords,
  async () => {},
  () => {},
  () => {}
)

const aggregator = new RecordAggregator({
  maxSize: 100,
  onReady: (_, one) => expectTypeOf(one).toEqualTypeOf<EncodedRecord | undefined>()
})
expectTypeOf(new RecordAggregator()).toEqualTypeOf(aggregator)
void new RecordAggregator(err => expectTypeOf(err).toEqualTypeOf<Error | null>())
expectTypeOf(aggregator.push(userRecords[0]!)).toEqualTypeOf<EncodedRecord | undefined>()
expectTypeOf(aggregator.flush()).toEqualTypeOf<EncodedRecord | undefined>()
expectTypeOf(aggregator.build()).toEqualTypeOf<EncodedRecord | undefined>()
expectTypeOf(aggregator.length()).toEqualTypeOf<number>()
expectTypeOf(aggregator.totalBytes).toEqualTypeOf<number>()
// @ts-expect-error read only
aggregator.totalBytes = 5

// An encoded record is an entry of PutRecords under the names of the SDK.
const entry: PutRecordsRequestEntry = {
  Data: encoded.data,
  PartitionKey: encoded.partitionKey,
  ExplicitHashKey: encoded.explicitHashKey
}
void entry
expectTypeOf<EncodedRecord['data']>().toEqualTypeOf<Buffer>()
expectTypeOf<EncodedRecord>().toExtend<KinesisRecordInput>()

// Errors.
declare const error: KinesisAggError
expectTypeOf(error.code).toEqualTypeOf<ErrorCode>()
expectTypeOf(error.sequenceNumber).toEqualTypeOf<string | undefined>()
expectTypeOf(error.record).toEqualTypeOf<unknown>()
expectTypeOf<'ERR_INVALID_CHECKSUM' | 'ERR_MALFORMED_RECORD' | 'ERR_NO_RECORDS'>().toExtend<ErrorCode>()
