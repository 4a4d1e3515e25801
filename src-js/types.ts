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
 * Anything that carries a Kinesis record: what Lambda hands a function, what the AWS SDK returns, what
 * transformation events hold.
 */
export type KinesisRecordInput =
  | KinesisStreamRecordPayload
  | KinesisStreamRecord
  | SdkRecord
  | FirehoseTransformationRecord
  | AnalyticsPreprocessingRecord

/** What Lambda hands a function that reads a Kinesis stream. */
export interface KinesisStreamEvent {
  Records: readonly KinesisStreamRecord[]
  /** The tumbling window, as this and the rest are there only if the event source mapping has one. */
  window?: { start: string; end: string } | undefined
  /** What the function returned before in the same window. */
  state?: Record<string, unknown> | null | undefined
  shardId?: string | undefined
  eventSourceARN?: string | undefined
  /** The window ends with this event, which may have no records. */
  isFinalInvokeForWindow?: boolean | undefined
  /** The state grew over 1 MB. */
  isWindowTerminatedEarly?: boolean | undefined
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

/** One user record, out of an aggregated record or a plain one. */
export interface UserRecord {
  /** `''` for a plain record that came without one (streams whose record distribution Kinesis manages). */
  partitionKey: string
  /** Decimal digits; `undefined` if the producer gave none, and for plain records. */
  explicitHashKey: string | undefined
  /** Of the enclosing Kinesis record; `''` if that came without one. */
  sequenceNumber: string
  /** Position in the aggregated record, from 0; 0 for a plain record. */
  subSequenceNumber: number
  /** Tells a plain record from record 0 of an aggregated one. */
  aggregated: boolean
  /** A view: of the caller's bytes, or of one Buffer for all records of an aggregate that came as base64. */
  data: Buffer
  /** As it came: seconds from Lambda, milliseconds from Firehose, a Date from the AWS SDK. */
  approximateArrivalTimestamp: number | Date | undefined
  /** The enclosing record itself, by reference: `eventID`, `recordId`, `shardId` stay within reach. */
  source: KinesisRecordInput
}

/** How to deaggregate. */
export interface DeaggregateOptions {
  /** Verify the MD5 of aggregated records; default true. */
  computeChecksums?: boolean | undefined
  /**
   * What becomes of an aggregated record whose checksum or encoding is wrong: `'throw'` (default), or
   * `'passthrough'`, which hands it on as a plain record, as KCL does. (With one exception: of a record in which
   * an index points outside its table, KCL hands out the user records before that, and nothing of the rest.)
   */
  onInvalid?: 'throw' | 'passthrough' | undefined
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

/** How to process an event. */
export interface ProcessEventOptions extends DeaggregateOptions {
  /**
   * How many handlers may run at a time; default 1. Those of one partition key still run one after the other,
   * in order. After a failure those that run are waited for; the response names the earliest record that
   * failed, so that records behind it, of other keys, may come again although they were handled.
   */
  concurrency?: number | undefined
  /**
   * Told of the failure that the response reports, and of the enclosing record. The response has no room for
   * the error, so that it is seen nowhere else; without this it goes to `console.error`.
   */
  onFailure?: ((error: unknown, record: KinesisRecordInput) => void | Promise<void>) | undefined
}

/** Bytes of a user record; text is stored as UTF-8. */
export type UserData = string | ArrayBufferView | ArrayBufferLike

/** A user record to aggregate. */
export interface UserRecordInput {
  /** At least one character; Kinesis takes up to 256. */
  partitionKey: string
  /** Empty data is data. */
  data: UserData
  /** Decimal, in [0, 2^128). `undefined`, `null` and `''` mean none. */
  explicitHashKey?: string | number | bigint | null | undefined
}

/** A user record to aggregate, as the AWS SDK names its parts. */
export interface SdkUserRecordInput {
  PartitionKey: string
  Data: UserData
  ExplicitHashKey?: string | number | bigint | null | undefined
}

/** A user record to aggregate, as `aws-kinesis-agg` names the hash key of those that it takes apart. */
export interface LegacyUserRecordInput {
  partitionKey: string
  data: UserData
  explicitPartitionKey?: string | number | bigint | null | undefined
}

/** Every form of a user record that can be aggregated; also a {@link UserRecord}. */
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
   * are no decimal in [0, 2^128) (`ERR_INVALID_HASH_KEY`), as Kinesis would; default false.
   */
  strict?: boolean | undefined
}

/** How a stream aggregates. */
export interface AggregateStreamOptions extends AggregateOptions {
  /**
   * Milliseconds without a record after which what is buffered is handed on, however little it is; by default
   * only a full aggregate and the end of the stream hand on.
   */
  flushIntervalMs?: number | undefined
}

/** A user record as the callback forms of `aws-kinesis-agg` hand it out. */
export interface LegacyUserRecord {
  partitionKey: string
  explicitPartitionKey: string | undefined
  sequenceNumber: string
  /** Absent on a plain record. */
  subSequenceNumber?: number
  /** base64; on a plain record what came */
  data: string
}

/** {@link LegacyUserRecord} for records that came as the AWS SDK names their parts. */
export interface LegacySdkUserRecord {
  PartitionKey: string
  ExplicitPartitionKey: string | undefined
  SequenceNumber: string
  /** Absent on a plain record. */
  SubSequenceNumber?: number
  /** base64 of a record out of an aggregate; on a plain record what came */
  Data: string | Uint8Array
}

/** {@link LegacySdkUserRecord} for an {@link SdkRecord}, else {@link LegacyUserRecord}. */
export type LegacyRecordOf<R> = R extends { Data: unknown } ? LegacySdkUserRecord : LegacyUserRecord
