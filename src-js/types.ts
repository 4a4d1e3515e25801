import type { KinesisAggError } from './errors'

/** Bytes in the forms in which Kinesis records carry them; text is base64. */
export type RecordBytes = string | ArrayBufferView | ArrayBufferLike | { type: 'Buffer'; data: number[] }

/** `record.kinesis` of a Lambda event. */
export interface KinesisStreamRecordPayload {
  /** base64 */
  data: RecordBytes
  /** Missing on streams whose record distribution Kinesis manages. */
  partitionKey?: string | null | undefined
  sequenceNumber?: string | undefined
  /** Seconds since 1970, with fractions. */
  approximateArrivalTimestamp?: number | undefined
  kinesisSchemaVersion?: string | undefined
}

/** What KCL's MultiLangDaemon hands a record processor: a user record, since KCL takes aggregates apart itself. */
export interface KclRecord {
  /** base64 */
  data: RecordBytes
  /** Missing on streams whose record distribution Kinesis manages. */
  partitionKey?: string | null | undefined
  /** Of the Kinesis record that it came in. */
  sequenceNumber?: string | undefined
  /** Position in the aggregated record, from 0. */
  subSequenceNumber?: number | undefined
  /** Milliseconds since 1970. */
  approximateArrivalTimestamp?: number | undefined
  action?: string | undefined
}

/** A whole record of a Lambda event. */
export interface KinesisStreamRecord {
  kinesis: KinesisStreamRecordPayload
  eventID?: string | undefined
  eventName?: string | undefined
  eventSource?: string | undefined
  eventSourceARN?: string | undefined
  eventVersion?: string | undefined
  awsRegion?: string | undefined
  invokeIdentityArn?: string | undefined
}

/** What GetRecords and SubscribeToShard of the AWS SDK return. */
export interface SdkRecord {
  Data: RecordBytes | undefined
  PartitionKey?: string | undefined
  SequenceNumber?: string | undefined
  ApproximateArrivalTimestamp?: Date | undefined
  EncryptionType?: string | undefined
}

/** A record of a Firehose transformation event. */
export interface FirehoseTransformationRecord {
  recordId: string
  /** base64 */
  data: RecordBytes
  approximateArrivalTimestamp?: number | undefined
  /** Missing if the delivery stream does not read from a Kinesis stream. */
  kinesisRecordMetadata?: KinesisMetadata | undefined
}

/** A record of a preprocessing event of Managed Service for Apache Flink (Kinesis Data Analytics). */
export interface AnalyticsPreprocessingRecord {
  recordId: string
  /** base64 */
  data: RecordBytes
  kinesisStreamRecordMetadata?: KinesisMetadata | undefined
}

/** What transformation events tell of the Kinesis record. */
export interface KinesisMetadata {
  sequenceNumber?: string | undefined
  subsequenceNumber?: string | number | undefined
  partitionKey?: string | null | undefined
  shardId?: string | undefined
  approximateArrivalTimestamp?: number | undefined
}

/**
 * Anything that carries a Kinesis record: what Lambda hands a function, what the AWS SDK returns, what KCL hands a record
 * processor, what transformation events hold.
 */
export type KinesisRecordInput =
  | KinesisStreamRecordPayload
  | KinesisStreamRecord
  | SdkRecord
  | KclRecord
  | FirehoseTransformationRecord
  | AnalyticsPreprocessingRecord

/** What Lambda hands a function that reads a Kinesis stream. */
export interface KinesisStreamEvent {
  Records: readonly KinesisStreamRecord[]
}

/** What Firehose hands a function that transforms records. */
export interface FirehoseTransformationEvent {
  records: readonly FirehoseTransformationRecord[]
  invocationId?: string | undefined
  deliveryStreamArn?: string | undefined
  sourceKinesisStreamArn?: string | undefined
  region?: string | undefined
}

/** What Kinesis Analytics (Managed Service for Apache Flink) hands a function that preprocesses records. */
export interface AnalyticsPreprocessingEvent {
  records: readonly AnalyticsPreprocessingRecord[]
  invocationId?: string | undefined
  applicationArn?: string | undefined
  streamArn?: string | undefined
}

/** Where Lambda begins again; see `ReportBatchItemFailures` of the event source mapping. */
export interface KinesisStreamBatchResponse {
  /** Empty for success. */
  batchItemFailures: { itemIdentifier: string }[]
}

/**
 * One user record, out of an aggregated record or a plain one.
 *
 * @typeParam Source the type of the Kinesis record that it came in
 */
export interface DeaggregatedRecord<Source = KinesisRecordInput> {
  /** `''` for a plain record that came without one (streams whose record distribution Kinesis manages). */
  partitionKey: string
  /** Decimal digits; `undefined` if the producer gave none, and for plain records. */
  explicitHashKey: string | undefined
  /** Of the enclosing Kinesis record; `''` if that came without one. */
  sequenceNumber: string
  /**
   * Position in the aggregated record, from 0. Of a plain record 0, unless Firehose or KCL's MultiLangDaemon tell
   * another: they take aggregates apart themselves.
   */
  subSequenceNumber: number
  /** Tells a plain record from record 0 of an aggregated one. */
  aggregated: boolean
  /** A view: of the caller's bytes, or of one Buffer for all records of an aggregate that came as base64. */
  data: Buffer
  /** Passed through unchanged: seconds (Lambda), milliseconds (Firehose, KCL), a Date (AWS SDK). */
  approximateArrivalTimestamp: number | Date | undefined
  /** The enclosing record itself, by reference: `eventID`, `recordId`, `shardId` stay within reach. */
  source: Source
}

/** How to deaggregate. */
export interface DeaggregateOptions<R = KinesisRecordInput> {
  /** Verify the MD5 of aggregated records; default true. */
  computeChecksums?: boolean | undefined
  /**
   * What becomes of an aggregated record that cannot be decoded, and with `hashKeyRange` of a user record whose
   * explicit hash key is no number, so that nobody can tell its place:
   *
   * - `'throw'`: an error, `ERR_INVALID_CHECKSUM`, `ERR_MALFORMED_RECORD` or `ERR_INVALID_HASH_KEY`.
   * - `'passthrough'`: the aggregated record is handed on as a plain one, as KCL does (except if an index points
   *   outside its table: then KCL hands out the user records before that, and nothing of the rest). A user record
   *   without a place is kept.
   * - `'salvage'`: the user records that can be read are handed out, each other one goes to `onInvalidRecord`: one
   *   whose index points outside its table, and one without a place. A wrong checksum and broken protobuf throw.
   *
   * @default 'throw'
   */
  onInvalid?: 'throw' | 'passthrough' | 'salvage' | undefined
  /**
   * Gets each user record that `'salvage'` leaves out, in order; required with it. The error is
   * `ERR_MALFORMED_RECORD` or `ERR_INVALID_HASH_KEY`, and its `subSequenceNumber` tells which user record of `record`,
   * the enclosing one, it is about. It is called before the function that takes the records apart returns, and not at
   * all if that throws.
   */
  onInvalidRecord?(error: KinesisAggError, record: R): void
  /**
   * Keep those user records of aggregates whose effective hash key (the explicit one, else the MD5 of the
   * partition key) lies inside, both ends included. KCL does not: at the first record outside the shard's range
   * it drops all records of the aggregate. Plain records are kept always.
   */
  hashKeyRange?: HashKeyRange | undefined
}

/** Hash keys from one to the other, both included: decimal, in [0, 2^128). */
export interface HashKeyRange {
  startingHashKey: string | bigint
  endingHashKey: string | bigint
}

/** Bytes of a user record; text is stored as UTF-8. */
export type UserData = string | ArrayBufferView | ArrayBufferLike

/** A user record to aggregate. */
export interface UserRecordInput {
  /** At least one character; Kinesis takes up to 256. */
  partitionKey: string
  /** Empty data is data. */
  data: UserData
  /** Decimal, in [0, 2^128); a number up to 2^53 - 1. `undefined`, `null` and `''` mean none. */
  explicitHashKey?: string | number | bigint | null | undefined
}

/** A user record to aggregate, as the AWS SDK names its parts. */
export interface SdkUserRecordInput {
  PartitionKey: string
  Data: UserData
  ExplicitHashKey?: string | number | bigint | null | undefined
  /** The same, as `aws-kinesis-agg` names it. */
  ExplicitPartitionKey?: string | number | bigint | null | undefined
}

/** A user record to aggregate, as `aws-kinesis-agg` names the hash key of those that it takes apart. */
export interface LegacyUserRecordInput {
  partitionKey: string
  data: UserData
  explicitPartitionKey?: string | number | bigint | null | undefined
}

/** Every form of a user record that can be aggregated; also a {@link DeaggregatedRecord}. */
export type AggregateInput = UserRecordInput | SdkUserRecordInput | LegacyUserRecordInput

/** An aggregated record, ready to be put. */
export interface EncodedRecord {
  /** Of the first user record. */
  partitionKey: string
  /** Magic, protobuf message and MD5; the caller's to keep. */
  data: Buffer
  /** Of the first user record; absent if it has none. */
  explicitHashKey?: string
  /** The same under the name that `aws-kinesis-agg` uses. */
  ExplicitHashKey?: string
}

/** An entry of the AWS SDK's `PutRecordsCommand`. */
export interface PutRecordsRequestEntry {
  Data: Buffer
  PartitionKey: string
  ExplicitHashKey?: string
}

/** How to aggregate. */
export interface AggregateOptions {
  /**
   * Bytes of data and UTF-8 partition key of one encoded record; default 1 MiB, which is Kinesis' default
   * limit, at most 10 MiB.
   */
  maxSize?: number | undefined
  /**
   * Refuse partition keys of over 256 characters (`ERR_INVALID_PARTITION_KEY`) and explicit hash keys that
   * are no decimal in [0, 2^128) (`ERR_INVALID_HASH_KEY`): KCL drops such a record and all behind it. A hash key that
   * is a number beyond 2^53 - 1 is refused always.
   *
   * @default true; false in the forms of `aws-kinesis-agg` (callbacks, `addUserRecord`, `aggregateRecords`)
   */
  strict?: boolean | undefined
}

/** How a stream aggregates. */
export interface AggregateStreamOptions extends AggregateOptions {
  /**
   * Milliseconds that a record waits for others at most, counted from the first record of an aggregate. By default a
   * partial aggregate waits for the end of the stream. While the reader stalls, records wait longer.
   */
  lingerMs?: number | undefined
}

/** A user record as the callback forms of `aws-kinesis-agg` give it. */
export interface UserRecord {
  partitionKey: string
  /** Decimal digits; `undefined` if the producer gave none, and for plain records. */
  explicitPartitionKey?: string | undefined
  sequenceNumber: string
  /** Position in the aggregated record, from 0. At run time a plain record has no such property. */
  subSequenceNumber: number
  /** base64; of a plain record the data as it came. */
  data: string
}

/** {@link UserRecord} for records with the property names of the AWS SDK. */
export interface SdkUserRecord {
  PartitionKey: string
  ExplicitPartitionKey?: string | undefined
  SequenceNumber: string
  /** Position in the aggregated record, from 0. At run time a plain record has no such property. */
  SubSequenceNumber: number
  /** base64 of a user record out of an aggregated record; of a plain record the data as it came. */
  Data: string | Uint8Array
}

/** What the callbacks get: {@link SdkUserRecord} for an {@link SdkRecord}, else {@link UserRecord}. */
export type CallbackRecord<R> = 0 extends 1 & R
  ? UserRecord
  : R extends { Data: unknown }
    ? SdkUserRecord
    : UserRecord

/** `record.kinesis` of a Lambda event, as the typings of `aws-kinesis-agg` name it. */
export interface LambdaKinesisPayload {
  approximateArrivalTimestamp: number
  data: string
  kinesisSchemaVersion: string
  partitionKey: string
  sequenceNumber: string
}

/** What PutRecord of the AWS SDK returns, as the typings of `aws-kinesis-agg` name it. */
export interface PutRecordOutput {
  ShardId: string
  SequenceNumber: string
  EncryptionType?: string
}
