// Generated from src-js by `npm run build:js`. Do not edit.
import { Transform } from 'node:stream';

/** The stable codes of the errors that this package makes. */
type ErrorCode = 'ERR_INVALID_CHECKSUM' | 'ERR_MALFORMED_RECORD' | 'ERR_RECORD_TOO_LARGE' | 'ERR_RECORD_DOES_NOT_FIT' | 'ERR_MISSING_DATA' | 'ERR_MISSING_PARTITION_KEY' | 'ERR_INVALID_PARTITION_KEY' | 'ERR_INVALID_HASH_KEY' | 'ERR_INVALID_SHARDS' | 'ERR_NO_RECORDS' | 'ERR_DEADLINE' | 'ERR_UNSUPPORTED_PLATFORM' | 'ERR_RECORD_EXPIRED' | 'ERR_PUT_REJECTED' | 'ERR_ACCESS_DENIED' | 'ERR_STREAM_NOT_FOUND' | 'ERR_THROTTLED' | 'ERR_BUFFER_FULL' | 'ERR_MISSING_STREAM' | 'ERR_PRODUCER_CLOSED' | 'ERR_PRODUCER_ABORTED' | 'ERR_PUT_INCOMPLETE' | 'ERR_FLUSH_INCOMPLETE' | 'ABORT_ERR';
/**
 * What every function of this package throws or hands to a callback, but for arguments of the wrong kind:
 * those are a `TypeError` with the code `ERR_INVALID_ARG_TYPE`.
 */
declare class KinesisAggError extends Error {
    /** Stable; match on it rather than on the message. */
    readonly code: ErrorCode;
    /** Of the Kinesis record that the error is about, where there is one. */
    readonly sequenceNumber?: string;
    /** The record that the error is about, as it was passed in. */
    readonly record?: unknown;
    /** Position in its aggregated record of the user record that the error is about, where it is about one. */
    readonly subSequenceNumber?: number;
}

/** Bytes in the forms in which Kinesis records carry them; text is base64. */
type RecordBytes = string | ArrayBufferView | ArrayBufferLike | {
    type: 'Buffer';
    data: number[];
};
/** `record.kinesis` of a Lambda event. */
interface KinesisStreamRecordPayload {
    /** base64 */
    data: RecordBytes;
    /** Missing on streams whose record distribution Kinesis manages. */
    partitionKey?: string | null | undefined;
    sequenceNumber?: string | undefined;
    /** Seconds since 1970, with fractions. */
    approximateArrivalTimestamp?: number | undefined;
    kinesisSchemaVersion?: string | undefined;
}
/** What KCL's MultiLangDaemon hands a record processor: a user record, since KCL takes aggregates apart itself. */
interface KclRecord {
    /** base64 */
    data: RecordBytes;
    /** Missing on streams whose record distribution Kinesis manages. */
    partitionKey?: string | null | undefined;
    /** Of the Kinesis record that it came in. */
    sequenceNumber?: string | undefined;
    /** Position in the aggregated record, from 0. */
    subSequenceNumber?: number | undefined;
    /** Milliseconds since 1970. */
    approximateArrivalTimestamp?: number | undefined;
    action?: string | undefined;
}
/** A whole record of a Lambda event. */
interface KinesisStreamRecord {
    kinesis: KinesisStreamRecordPayload;
    eventID?: string | undefined;
    eventName?: string | undefined;
    eventSource?: string | undefined;
    eventSourceARN?: string | undefined;
    eventVersion?: string | undefined;
    awsRegion?: string | undefined;
    invokeIdentityArn?: string | undefined;
}
/** What GetRecords and SubscribeToShard of the AWS SDK return. */
interface SdkRecord {
    Data: RecordBytes | undefined;
    PartitionKey?: string | undefined;
    SequenceNumber?: string | undefined;
    ApproximateArrivalTimestamp?: Date | undefined;
    EncryptionType?: string | undefined;
}
/** A record of a Firehose transformation event. */
interface FirehoseTransformationRecord {
    recordId: string;
    /** base64 */
    data: RecordBytes;
    approximateArrivalTimestamp?: number | undefined;
    /** Missing if the delivery stream does not read from a Kinesis stream. */
    kinesisRecordMetadata?: KinesisMetadata | undefined;
}
/** A record of a preprocessing event of Managed Service for Apache Flink (Kinesis Data Analytics). */
interface AnalyticsPreprocessingRecord {
    recordId: string;
    /** base64 */
    data: RecordBytes;
    kinesisStreamRecordMetadata?: KinesisMetadata | undefined;
}
/** What transformation events tell of the Kinesis record. */
interface KinesisMetadata {
    sequenceNumber?: string | undefined;
    subsequenceNumber?: string | number | undefined;
    partitionKey?: string | null | undefined;
    shardId?: string | undefined;
    approximateArrivalTimestamp?: number | undefined;
}
/**
 * Anything that carries a Kinesis record: what Lambda hands a function, what the AWS SDK returns, what KCL hands a record
 * processor, what transformation events hold.
 */
type KinesisRecordInput = KinesisStreamRecordPayload | KinesisStreamRecord | SdkRecord | KclRecord | FirehoseTransformationRecord | AnalyticsPreprocessingRecord;
/** What Lambda hands a function that reads a Kinesis stream. */
interface KinesisStreamEvent {
    Records: readonly KinesisStreamRecord[];
}
/** What Firehose hands a function that transforms records. */
interface FirehoseTransformationEvent {
    records: readonly FirehoseTransformationRecord[];
    invocationId?: string | undefined;
    deliveryStreamArn?: string | undefined;
    sourceKinesisStreamArn?: string | undefined;
    region?: string | undefined;
}
/** What Kinesis Analytics (Managed Service for Apache Flink) hands a function that preprocesses records. */
interface AnalyticsPreprocessingEvent {
    records: readonly AnalyticsPreprocessingRecord[];
    invocationId?: string | undefined;
    applicationArn?: string | undefined;
    streamArn?: string | undefined;
}
/** Where Lambda begins again; see `ReportBatchItemFailures` of the event source mapping. */
interface KinesisStreamBatchResponse {
    /** Empty for success. */
    batchItemFailures: {
        itemIdentifier: string;
    }[];
}
/**
 * One user record, out of an aggregated record or a plain one.
 *
 * @typeParam Source the type of the Kinesis record that it came in
 */
interface DeaggregatedRecord<Source = KinesisRecordInput> {
    /** `''` for a plain record that came without one (streams whose record distribution Kinesis manages). */
    partitionKey: string;
    /** Decimal digits; `undefined` if the producer gave none, and for plain records. */
    explicitHashKey: string | undefined;
    /** Of the enclosing Kinesis record; `''` if that came without one. */
    sequenceNumber: string;
    /**
     * Position in the aggregated record, from 0. Of a plain record 0, unless Firehose or KCL's MultiLangDaemon tell
     * another: they take aggregates apart themselves.
     */
    subSequenceNumber: number;
    /** Tells a plain record from record 0 of an aggregated one. */
    aggregated: boolean;
    /** A view: of the caller's bytes, or of one Buffer for all records of an aggregate that came as base64. */
    data: Buffer;
    /** Passed through unchanged: seconds (Lambda), milliseconds (Firehose, KCL), a Date (AWS SDK). */
    approximateArrivalTimestamp: number | Date | undefined;
    /** The enclosing record itself, by reference: `eventID`, `recordId`, `shardId` stay within reach. */
    source: Source;
}
/** How to deaggregate. */
interface DeaggregateOptions<R = KinesisRecordInput> {
    /** Verify the MD5 of aggregated records; default true. */
    computeChecksums?: boolean | undefined;
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
    onInvalid?: 'throw' | 'passthrough' | 'salvage' | undefined;
    /**
     * Gets each user record that `'salvage'` leaves out, in order; required with it. The error is
     * `ERR_MALFORMED_RECORD` or `ERR_INVALID_HASH_KEY`, and its `subSequenceNumber` tells which user record of `record`,
     * the enclosing one, it is about. It is called before the function that takes the records apart returns, and not at
     * all if that throws.
     */
    onInvalidRecord?(error: KinesisAggError, record: R): void;
    /**
     * Keep those user records of aggregates whose effective hash key (the explicit one, else the MD5 of the
     * partition key) lies inside, both ends included. KCL does not: at the first record outside the shard's range
     * it drops all records of the aggregate. Plain records are kept always.
     */
    hashKeyRange?: HashKeyRange | undefined;
}
/** Hash keys from one to the other, both included: decimal, in [0, 2^128). */
interface HashKeyRange {
    startingHashKey: string | bigint;
    endingHashKey: string | bigint;
}
/** Bytes of a user record; text is stored as UTF-8. */
type UserData = string | ArrayBufferView | ArrayBufferLike;
/** A user record to aggregate. */
interface UserRecordInput {
    /** At least one character; Kinesis takes up to 256. */
    partitionKey: string;
    /** Empty data is data. */
    data: UserData;
    /** Decimal, in [0, 2^128); a number up to 2^53 - 1. `undefined`, `null` and `''` mean none. */
    explicitHashKey?: string | number | bigint | null | undefined;
}
/** A user record to aggregate, as the AWS SDK names its parts. */
interface SdkUserRecordInput {
    PartitionKey: string;
    Data: UserData;
    ExplicitHashKey?: string | number | bigint | null | undefined;
    /** The same, as `aws-kinesis-agg` names it. */
    ExplicitPartitionKey?: string | number | bigint | null | undefined;
}
/** A user record to aggregate, as `aws-kinesis-agg` names the hash key of those that it takes apart. */
interface LegacyUserRecordInput {
    partitionKey: string;
    data: UserData;
    explicitPartitionKey?: string | number | bigint | null | undefined;
}
/** Every form of a user record that can be aggregated; also a {@link DeaggregatedRecord}. */
type AggregateInput = UserRecordInput | SdkUserRecordInput | LegacyUserRecordInput;
/** An aggregated record, ready to be put. */
interface EncodedRecord {
    /** Of the first user record. */
    partitionKey: string;
    /** Magic, protobuf message and MD5; the caller's to keep. */
    data: Buffer;
    /** Of the first user record; absent if it has none. */
    explicitHashKey?: string;
    /** The same under the name that `aws-kinesis-agg` uses. */
    ExplicitHashKey?: string;
}
/** An entry of the AWS SDK's `PutRecordsCommand`. */
interface PutRecordsRequestEntry {
    Data: Buffer;
    PartitionKey: string;
    ExplicitHashKey?: string;
}
/** How to aggregate. */
interface AggregateOptions {
    /**
     * Bytes of data and UTF-8 partition key of one encoded record; default 1 MiB, which is Kinesis' default
     * limit, at most 10 MiB.
     */
    maxSize?: number | undefined;
    /**
     * Refuse partition keys of over 256 characters (`ERR_INVALID_PARTITION_KEY`) and explicit hash keys that
     * are no decimal in [0, 2^128) (`ERR_INVALID_HASH_KEY`): KCL drops such a record and all behind it. A hash key that
     * is a number beyond 2^53 - 1 is refused always.
     *
     * @default true; false in the forms of `aws-kinesis-agg` (callbacks, `addUserRecord`, `aggregateRecords`)
     */
    strict?: boolean | undefined;
}
/** How a stream aggregates. */
interface AggregateStreamOptions extends AggregateOptions {
    /**
     * Milliseconds that a record waits for others at most, counted from the first record of an aggregate. By default a
     * partial aggregate waits for the end of the stream. While the reader stalls, records wait longer.
     */
    lingerMs?: number | undefined;
}
/** A user record as the callback forms of `aws-kinesis-agg` give it. */
interface UserRecord {
    partitionKey: string;
    /** Decimal digits; `undefined` if the producer gave none, and for plain records. */
    explicitPartitionKey?: string | undefined;
    sequenceNumber: string;
    /** Position in the aggregated record, from 0. At run time a plain record has no such property. */
    subSequenceNumber: number;
    /** base64; of a plain record the data as it came. */
    data: string;
}
/** {@link UserRecord} for records with the property names of the AWS SDK. */
interface SdkUserRecord {
    PartitionKey: string;
    ExplicitPartitionKey?: string | undefined;
    SequenceNumber: string;
    /** Position in the aggregated record, from 0. At run time a plain record has no such property. */
    SubSequenceNumber: number;
    /** base64 of a user record out of an aggregated record; of a plain record the data as it came. */
    Data: string | Uint8Array;
}
/** What the callbacks get: {@link SdkUserRecord} for an {@link SdkRecord}, else {@link UserRecord}. */
type CallbackRecord<R> = 0 extends 1 & R ? UserRecord : R extends {
    Data: unknown;
} ? SdkUserRecord : UserRecord;
/** `record.kinesis` of a Lambda event, as the typings of `aws-kinesis-agg` name it. */
interface LambdaKinesisPayload {
    approximateArrivalTimestamp: number;
    data: string;
    kinesisSchemaVersion: string;
    partitionKey: string;
    sequenceNumber: string;
}
/** What PutRecord of the AWS SDK returns, as the typings of `aws-kinesis-agg` name it. */
interface PutRecordOutput {
    ShardId: string;
    SequenceNumber: string;
    EncryptionType?: string;
}

/**
 * Packs user records into as few aggregated records as the limit allows, in order.
 *
 * @param options see {@link AggregateOptions}
 * @returns the aggregated records; none for no records
 * @throws KinesisAggError `ERR_RECORD_TOO_LARGE`, `ERR_MISSING_DATA`, `ERR_MISSING_PARTITION_KEY`, and unless
 * `strict` is false `ERR_INVALID_PARTITION_KEY`, `ERR_INVALID_HASH_KEY`. If a call throws, it has processed no records.
 * @throws TypeError `ERR_INVALID_ARG_TYPE`; its text names the record by its index
 * @example
 * const [encoded] = aggregate([{ partitionKey: 'device-1', data: 'on' }])
 */
declare function aggregate(records: Iterable<AggregateInput>, options?: AggregateOptions): EncodedRecord[];
/**
 * The form of `aws-kinesis-agg`: asynchronous, and a record that cannot be aggregated does not stop the rest.
 *
 * @param encodedRecordHandler gets each aggregated record on a later tick. It is done when it calls
 * its callback, or, if it declares none, when the promise that it returned is fulfilled. In both cases it is done, with
 * an error, when it throws or its promise rejects before.
 * @param afterPutAggregatedRecords called once all are done
 * @param errorCallback gets each error, of a record or of the handler; without it an error is thrown, so that the
 * process sees it
 * @param queueSize how many handlers run at a time
 * @default queueSize 1
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 */
declare function aggregate<R extends AggregateInput>(records: Iterable<R> | {
    forEach(callback: (record: R) => void): void;
}, encodedRecordHandler: (encodedRecord: EncodedRecord, callback: (err?: Error | null, data?: unknown) => void) => unknown, afterPutAggregatedRecords: () => void, errorCallback?: ((error: Error, data?: EncodedRecord) => void) | null, queueSize?: number | string | null): void;
/** The form of `aws-kinesis-agg`, as its own typings have it. */
declare function aggregate(records: any[], encodedRecordHandler: (encodedRecord: EncodedRecord, callback: (err?: Error, data?: PutRecordOutput) => void) => void, afterPutAggregatedRecords: () => void, errorCallback: (error: Error, data?: EncodedRecord) => void, queueSize?: number): void;

/** Told of each encoded record, or of a user record that cannot be aggregated. */
type OnReady = (err: Error | null, encoded?: EncodedRecord) => void;
/** What a {@link RecordAggregator} is made with. */
interface RecordAggregatorOptions extends AggregateOptions {
    onReady?: OnReady | undefined;
}
/**
 * Collects user records and makes aggregated records of them, each as full as the limit allows.
 *
 * The streaming way is {@link push} and {@link flush}. The other methods are those of `aws-kinesis-agg`.
 * Data is copied when it is added; changing a record later changes nothing.
 *
 * @example
 * const aggregator = new RecordAggregator()
 * for (const record of records) {
 *   const full = aggregator.push(record)
 *   if (full !== undefined) await put(full)
 * }
 * const rest = aggregator.flush()
 * if (rest !== undefined) await put(rest)
 */
declare class RecordAggregator {
    #private;
    /** @param onReadyCallback gets what {@link aggregateRecords} and {@link flushBufferedRecords} deliver */
    constructor(onReadyCallback?: OnReady);
    /** @throws TypeError `ERR_INVALID_ARG_TYPE` */
    constructor(options?: RecordAggregatorOptions);
    /** Bytes of the protobuf message that is buffered, without the 20 of magic and MD5. */
    get totalBytes(): number;
    /** How many user records are buffered. */
    length(): number;
    /**
     * Adds a record. If it does not fit beside those that are buffered, they are encoded first.
     *
     * @returns the full aggregate, if there was one
     * @throws KinesisAggError `ERR_RECORD_TOO_LARGE`, `ERR_MISSING_DATA`, `ERR_MISSING_PARTITION_KEY`, and unless
     * `strict` is false `ERR_INVALID_PARTITION_KEY`, `ERR_INVALID_HASH_KEY`. Nothing that is buffered is lost.
     * @throws TypeError `ERR_INVALID_ARG_TYPE`
     */
    push(record: AggregateInput): EncodedRecord | undefined;
    /**
     * Encodes what is buffered; `undefined` if nothing is.
     *
     * If a callback that was to take an aggregate threw, and had added records before, that aggregate comes first, and the
     * next call returns the rest.
     */
    flush(): EncodedRecord | undefined;
    /** The same as {@link flush}, under the name that `aws-kinesis-agg` gives it. */
    build(): EncodedRecord | undefined;
    /** Forgets what is buffered. */
    clearRecords(): void;
    /**
     * Adds a record to those that are buffered.
     *
     * @throws KinesisAggError `ERR_RECORD_DOES_NOT_FIT` if there is no room, and all that {@link push} throws (keys
     * are checked only if `strict` is true)
     */
    addUserRecord(record: AggregateInput): void;
    /** Whether {@link addUserRecord} would have room for a record. Throws as {@link calculateUserRecordSize}. */
    checkIfUserRecordFits(record: AggregateInput): boolean;
    /**
     * The exact bytes that adding a record now would add to {@link totalBytes}. They depend on the keys that
     * are buffered already.
     *
     * @throws KinesisAggError `ERR_MISSING_DATA`, `ERR_MISSING_PARTITION_KEY`, `ERR_INVALID_HASH_KEY` (an integer beyond
     * 2^53 - 1; with `strict` all that are none)
     * @throws TypeError `ERR_INVALID_ARG_TYPE`
     */
    calculateUserRecordSize(record: AggregateInput): number;
    /**
     * Adds many records and delivers each aggregate that is full. A record that cannot be aggregated is
     * delivered as an error, and the rest goes on. If the callback throws, what it was to take stays buffered.
     *
     * @param records anything with `forEach`, or an iterable
     * @param forceFlush deliver at the end what is not full
     * @param onReadyCallback instead of that of the aggregator
     * @throws TypeError `ERR_INVALID_ARG_TYPE`: also if something is to be delivered and there is no callback. Then no
     * record of this call is added.
     */
    aggregateRecords(records: RecordsInput, forceFlush?: boolean, onReadyCallback?: OnReady): void;
    /**
     * Delivers what is buffered; `(null, undefined)` if nothing is.
     *
     * @param onReadyCallback instead of that of the aggregator
     * @throws TypeError `ERR_INVALID_ARG_TYPE`: something is buffered and there is no callback; it stays so
     */
    flushBufferedRecords(onReadyCallback?: OnReady): void;
    /**
     * @param onReadyCallback the new callback; without one the present stays
     * @returns the callback that is set now
     */
    setOnReadyCallback(onReadyCallback?: OnReady): OnReady | undefined;
}
/** Many user records: an iterable, or anything that has `forEach`. */
type RecordsInput = Iterable<AggregateInput> | {
    forEach(callback: (record: AggregateInput) => void): void;
};

/**
 * One record or many. No function, even where TypeScript puts `any` for `R`, as it does when it compares overloads:
 * `util.promisify` would take `deaggregateSync` for a function of one callback.
 */
type OneOrMany<R> = [R] extends [() => void] ? KinesisRecordInput | readonly KinesisRecordInput[] : R | readonly R[];
/**
 * Takes Kinesis records apart into their user records, in order; plain records come out as they are.
 *
 * @param records one Kinesis record or many, as Lambda, Firehose or the AWS SDK hand them out
 * @param options see {@link DeaggregateOptions}
 * @returns one entry per user record, `data` being views; see {@link DeaggregatedRecord}
 * @throws KinesisAggError `ERR_INVALID_CHECKSUM`, `ERR_MALFORMED_RECORD`, with `hashKeyRange` also
 * `ERR_INVALID_HASH_KEY`: a record is damaged. The error has it as `record`, and its `sequenceNumber`. If a call throws,
 * it has processed no records.
 * @throws TypeError `ERR_INVALID_ARG_TYPE`: also text that is no base64
 * @example
 * for (const { partitionKey, data } of deaggregateSync(event.Records)) {
 *   console.log(partitionKey, data.toString())
 * }
 */
declare function deaggregateSync<R extends KinesisRecordInput>(records: OneOrMany<R>, options?: DeaggregateOptions): DeaggregatedRecord<R>[];
/**
 * The form of `aws-kinesis-agg`, for records of all shapes: calls back once, before it returns.
 *
 * @param computeChecksums verify the MD5 of aggregated records
 * @param afterRecordCallback gets the error, and then no user records, or `undefined` and the user records
 */
declare function deaggregateSync<R extends KinesisRecordInput>(record: R, computeChecksums: boolean, afterRecordCallback: (err: Error, userRecords: CallbackRecord<R>[]) => void): void;
/** The form of `aws-kinesis-agg`, as its own typings have it. */
declare function deaggregateSync(kinesisRecord: LambdaKinesisPayload, computeChecksums: boolean, afterRecordCallback: (err: Error, userRecords?: UserRecord[]) => void): void;
/**
 * The form of `aws-kinesis-agg`: one callback for each user record, in order, then the last one, all before it
 * returns. If a callback for a user record throws, the others still get theirs, and the last one gets the
 * first error and the record that it came from.
 *
 * @param computeChecksums verify the MD5 of an aggregated record
 * @param afterRecordCallback also called with the error of a damaged record
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 */
declare function deaggregate<R extends KinesisRecordInput>(record: R, computeChecksums: boolean, perRecordCallback: (err: Error, userRecord: CallbackRecord<R>) => void, afterRecordCallback: (err?: Error, errorUserRecord?: CallbackRecord<R>) => void): void;
/** The form of `aws-kinesis-agg`, as its own typings have it. */
declare function deaggregate(kinesisRecord: LambdaKinesisPayload, computeChecksums: boolean, perRecordCallback: (err: Error, userRecords?: UserRecord) => void, afterRecordCallback: (err?: Error, errorUserRecord?: UserRecord) => void): void;

/**
 * What does the work: the native binary of this platform, or the same code as WebAssembly, where there is no binary
 * or none can be loaded.
 */
declare const codec: 'native' | 'wasm';

/**
 * Whether a record is an aggregated one: looks at magic and length, verifies and decodes nothing.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 */
declare function isAggregated(record: KinesisRecordInput): boolean;
/**
 * The user records of Kinesis records, one Kinesis record at a time: a lazy `deaggregateSync`.
 *
 * A damaged record throws when its turn comes; what was yielded before stays good. Wrong options throw at once.
 *
 * @throws KinesisAggError `ERR_INVALID_CHECKSUM`, `ERR_MALFORMED_RECORD`, with `hashKeyRange` also
 * `ERR_INVALID_HASH_KEY`
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 */
declare function iterateUserRecords<R extends KinesisRecordInput>(records: Iterable<R>, options?: DeaggregateOptions): IterableIterator<DeaggregatedRecord<R>>;

/**
 * Remembers, from one invocation to the next, which user records of a Kinesis record that comes again were handled, so
 * that {@link processEvent} does not hand them to your handler a second time.
 *
 * Make one outside the handler for each handler, and give it as the option `resume`. It knows a Kinesis record by
 * `eventSourceARN` and `eventID`: the same bytes under another sequence number are handled again. A record is forgotten
 * once an answer passes it, after 15 minutes, or as the oldest of 1,000. Every instance of the function has a memory of
 * its own, so a handler must still bear records that come twice.
 *
 * @example
 * const resume = new ResumeMemory()
 * exports.handler = event => processEvent(event, save, { resume })
 */
declare class ResumeMemory {
    #private;
}

/** What Lambda hands a function whose event source mapping has a tumbling window. */
interface KinesisStreamTumblingWindowEvent extends KinesisStreamEvent {
    window: {
        start: string;
        end: string;
    };
    /** What the function returned before in the same window. */
    state?: Record<string, any> | null | undefined;
    /** The window ends with this event, which may have no records. */
    isFinalInvokeForWindow?: boolean | undefined;
    /** The state grew over 1 MB. */
    isWindowTerminatedEarly?: boolean | undefined;
    shardId?: string | undefined;
    eventSourceARN?: string | undefined;
}
/** What {@link processEvent} returns for an event of a tumbling window; for Lambda as it is. */
interface KinesisStreamWindowResponse<S> {
    state: S;
    /** Always empty: a failure rejects. */
    batchItemFailures: [];
}
/** A record of a Kinesis stream as an EventBridge pipe hands it to its target. */
interface PipesKinesisRecord extends KinesisStreamRecordPayload {
    eventID?: string | undefined;
    eventName?: string | undefined;
    eventSource?: string | undefined;
    eventSourceARN?: string | undefined;
    eventVersion?: string | undefined;
    awsRegion?: string | undefined;
    invokeIdentityArn?: string | undefined;
}
/** What an EventBridge pipe hands a function. */
type PipesEvent = readonly PipesKinesisRecord[];
/** The records of a stream event with the parts of `kinesis` in the record itself, as some tools hand them on. */
interface FlatKinesisStreamEvent {
    Records: readonly PipesKinesisRecord[];
}
/** The object that Lambda stores in the S3 bucket of an on-failure destination, parsed. */
interface FailedBatchObject {
    /** JSON text of the event. */
    payload: string;
    KinesisBatchInfo?: KinesisBatchInfo | undefined;
    requestContext?: object | undefined;
    responseContext?: object | undefined;
    version?: string | undefined;
    timestamp?: string | undefined;
}
/** Which records a failed batch had. */
interface KinesisBatchInfo {
    shardId: string;
    startSequenceNumber: string;
    endSequenceNumber: string;
    approximateArrivalOfFirstRecord?: string | undefined;
    approximateArrivalOfLastRecord?: string | undefined;
    batchSize: number;
    streamArn: string;
}
/** Every event with records of a Kinesis stream that has no tumbling window. */
type AnyKinesisStreamEvent = (KinesisStreamEvent & {
    window?: undefined;
}) | FlatKinesisStreamEvent | PipesEvent | FailedBatchObject;
/** Every event that {@link deaggregateEvent} takes. */
type DeaggregatableEvent = AnyKinesisStreamEvent | KinesisStreamTumblingWindowEvent | FirehoseTransformationEvent | AnalyticsPreprocessingEvent;
/** One of the records of an event. */
type RecordOf<E> = E extends readonly (infer R extends KinesisRecordInput)[] ? R : E extends {
    readonly Records: readonly (infer R extends KinesisRecordInput)[];
} ? R : E extends {
    readonly records: readonly (infer R extends KinesisRecordInput)[];
} ? R : KinesisStreamRecord;
/** What {@link processEvent} needs of the context that Lambda hands a function. */
interface LambdaContext {
    getRemainingTimeInMillis(): number;
}
/** What a handler gets beside the record. */
interface HandlerContext {
    /** Aborts when `context` or `signal` of the options stop the event: what the handler does then is not awaited. */
    signal: AbortSignal;
}
/** How to process an event. */
interface ProcessEventOptions<Source = KinesisRecordInput> extends DeaggregateOptions {
    /**
     * How many handlers may run at a time. Those of one partition key run one after the other, in order; records without a
     * partition key have no order to keep. After a failure no later record starts, and those that run are waited for. Later
     * records may have been handled by then; they come again.
     *
     * @default 1
     */
    concurrency?: number | undefined;
    /**
     * Called once for each record that fails, when it fails, before a later record of its key starts, and awaited: with
     * the error, the user record (undefined if the enclosing record cannot be decoded), and the enclosing record. The
     * response has no room for the error, so without `onFailure` it goes to `console.error`.
     *
     * If it returns or resolves to `'skip'` (`string` in the type, since TypeScript widens what async functions return),
     * the record counts as handled; for those who have kept it elsewhere. If it throws, the answer stands, and the error
     * goes to `console.error`.
     *
     * Also called with `ERR_DEADLINE` for the earliest record that `context` or `signal` stopped; `'skip'` is ignored then,
     * and with `context` the answer does not wait for it when nine tenths of `reserveMs` are used up.
     */
    onFailure?: ((error: unknown, record: DeaggregatedRecord<Source> | undefined, source: Source) => void | 'skip' | Promise<void | string>) | undefined;
    /** The context that Lambda hands a function. With it, processing stops `reserveMs` before the function times out. */
    context?: LambdaContext | undefined;
    /**
     * Milliseconds between the stop and Lambda's time-out, for `onFailure` and the answer.
     *
     * @default 500
     */
    reserveMs?: number | undefined;
    /** Stops processing when it aborts, as `context` does. */
    signal?: AbortSignal | undefined;
    /**
     * Reject instead of answering, if the failing Kinesis record is the first of several: Lambda halves the batch only of
     * failed invocations (`BisectBatchOnFunctionError`).
     *
     * @default false
     */
    bisect?: boolean | undefined;
    /** Skips the user records that an earlier attempt handled. Make one for each handler, outside of it. */
    resume?: ResumeMemory | undefined;
}

/**
 * The user records of a whole event, in order: of a Kinesis stream (from Lambda, with or without a tumbling window, or
 * from an EventBridge pipe), of a Firehose transformation, or of a batch that an on-failure destination stored in S3.
 * What belongs to the enclosing record (`recordId`, `eventID`) is in reach as `source`.
 *
 * @param options see {@link DeaggregateOptions}
 * @throws KinesisAggError `ERR_INVALID_CHECKSUM`, `ERR_MALFORMED_RECORD`: a record is damaged; it is `record` and
 * `sequenceNumber` of the error, and nothing was handed out
 * @throws TypeError `ERR_INVALID_ARG_TYPE`: no event, or a record in it has no data
 * @example
 * exports.handler = async event => {
 *   for (const { partitionKey, data } of deaggregateEvent(event)) console.log(partitionKey, String(data))
 * }
 */
declare function deaggregateEvent<E extends DeaggregatableEvent>(event: E, options?: DeaggregateOptions): DeaggregatedRecord<RecordOf<E>>[];

/**
 * Runs `handler` over the user records of an event of a tumbling window, one at a time and in order, and returns the new
 * state.
 *
 * Any failure rejects, as does the deadline: Lambda hands the batch to the function again, with its old state.
 *
 * @param handler gets a user record and the state (`{}` at first) and returns the next state, or a promise of it;
 * `undefined` keeps the state. Anything else that is no plain object fails the record
 * @param options see {@link ProcessEventOptions}; without `chunkSize`, `resume` and a `concurrency` over 1
 * @throws TypeError `ERR_INVALID_ARG_TYPE` (a rejection, as all of these are)
 * @throws KinesisAggError `ERR_DEADLINE`: `context` or `signal` stopped it
 * @throws the failure itself
 * @example
 * exports.handler = async event => {
 *   const { state } = await processEvent(event, ({ partitionKey }, counts) => {
 *     counts[partitionKey] = (counts[partitionKey] ?? 0) + 1
 *   })
 *   if (event.isFinalInvokeForWindow || event.isWindowTerminatedEarly) await publish(state, event.window)
 *   return { state }
 * }
 */
declare function processEvent<E extends KinesisStreamTumblingWindowEvent, S extends object = Record<string, any>>(event: E, handler: (record: DeaggregatedRecord<RecordOf<E>>, state: S, at: HandlerContext) => S | undefined | void | Promise<S | undefined | void>, options?: ProcessEventOptions<RecordOf<E>>): Promise<KinesisStreamWindowResponse<S>>;
/**
 * Runs `handler` over the user records of a Kinesis stream event in chunks of up to `chunkSize`, for writers in bulk. A
 * chunk may have user records of several Kinesis records; if it fails, the response names the first of those.
 *
 * @param options see {@link ProcessEventOptions}
 * @example
 * exports.handler = event => processEvent(event, records => insertAll(records), { chunkSize: 100 })
 */
declare function processEvent<E extends AnyKinesisStreamEvent>(event: E, handler: (records: DeaggregatedRecord<RecordOf<E>>[], at: HandlerContext) => unknown, options: Omit<ProcessEventOptions<RecordOf<E>>, 'chunkSize'> & {
    chunkSize: number;
}): Promise<KinesisStreamBatchResponse>;
/**
 * Runs `handler` over the user records of a Kinesis stream event, in order, one at a time unless `concurrency` says
 * otherwise, and returns the response that tells Lambda where to begin again.
 *
 * At the first failure it stops and reports the sequence number of the enclosing Kinesis record: Lambda retries from
 * there, so user records of the same aggregate that were handled already come again, unless `resume` skips them. A record
 * that cannot be decoded fails in its turn, after all before it were handled. For the array of an EventBridge pipe the
 * response names the `eventID` of every record from there on.
 *
 * The event source mapping must have `FunctionResponseTypes: ['ReportBatchItemFailures']`. Without it Lambda does not
 * read the response, and takes every one for success.
 *
 * @param handler has handled a record when it returns, or when its promise is fulfilled
 * @param options see {@link ProcessEventOptions}. Wrong ones reject before the first handler runs
 * @returns `{ batchItemFailures: [] }`, or with the `{ itemIdentifier }` to begin at
 * @throws TypeError `ERR_INVALID_ARG_TYPE`: no Kinesis stream event, `handler` is no function, wrong options (a
 * rejection, as all of these are)
 * @throws KinesisAggError `ERR_INVALID_HASH_KEY`: wrong `hashKeyRange`
 * @throws the failure itself, if a record to report has no sequence number (of a pipe: no eventID), or for `bisect`:
 * Lambda retries the whole batch then
 * @example
 * exports.handler = event => processEvent(event, async record => save(record.partitionKey, record.data))
 */
declare function processEvent<E extends AnyKinesisStreamEvent>(event: E, handler: (record: DeaggregatedRecord<RecordOf<E>>, at: HandlerContext) => unknown, options?: ProcessEventOptions<RecordOf<E>>): Promise<KinesisStreamBatchResponse>;

/**
 * Sorts encoded records into batches for the AWS SDK's `PutRecordsCommand`, in order: at most 500 entries and
 * 10 MiB (data and partition keys) each. Data is not copied.
 *
 * @returns the entries of each call; no batch for no records
 * @throws KinesisAggError `ERR_RECORD_TOO_LARGE`: a record that no call has room for; `ERR_INVALID_HASH_KEY`: a hash
 * key is an integer beyond 2^53 - 1
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 * @example
 * for (const Records of putRecordsBatches(aggregate(records))) {
 *   await client.send(new PutRecordsCommand({ StreamName: 'readings', Records }))
 * }
 */
declare function putRecordsBatches(encoded: Iterable<EncodedRecord>): PutRecordsRequestEntry[][];

/**
 * A Transform in object mode that takes `In` and gives `Out`.
 *
 * `for await` over the stream itself gives `any`, since the types of Node.js take for `pipeline` only what iterates over
 * text or Buffers; {@link iterator} is typed.
 */
interface TypedTransform<In, Out> extends Transform {
    write(chunk: In, callback?: (error: Error | null | undefined) => void): boolean;
    write(chunk: In, encoding: BufferEncoding, callback?: (error: Error | null | undefined) => void): boolean;
    /** Takes nothing: it makes the stream fit where the types of Node.js ask for a stream of bytes, as `pipe` does. */
    write(chunk: never, callback?: (error?: Error | null) => void): boolean;
    write(chunk: never, encoding?: BufferEncoding, callback?: (error?: Error | null) => void): boolean;
    iterator(options?: {
        destroyOnReturn?: boolean;
    }): NodeJS.AsyncIterator<Out>;
    toArray(options?: {
        signal?: AbortSignal;
    }): Promise<Out[]>;
}

/**
 * A stream in object mode that takes user records and gives encoded records, each as full as `maxSize` allows; the last
 * one at the end of its input. With `lingerMs` it also gives a partial aggregate once its first record has waited that
 * long; the timer does not keep the process running.
 *
 * It honours back-pressure. While its reader stalls, aggregates get fuller rather than more.
 *
 * @param options see {@link AggregateStreamOptions}
 * @returns a Transform; a record that cannot be aggregated destroys it, with an error of {@link RecordAggregator.push},
 * whose `record` it is
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 * @example
 * await pipeline(readings, aggregateStream({ lingerMs: 1000 }), async function (encoded) {
 *   for await (const record of encoded) await put(record)
 * })
 */
declare function aggregateStream(options?: AggregateStreamOptions): TypedTransform<AggregateInput, EncodedRecord>;

/**
 * A stream in object mode that takes Kinesis records, of any form, and gives their user records in order. It reads the
 * next Kinesis record when the user records of the last are taken.
 *
 * @param options see {@link DeaggregateOptions}
 * @returns a Transform; a damaged record destroys it, with the error of {@link deaggregateSync}, whose `record` is the
 * one that it is about
 * @throws KinesisAggError `ERR_INVALID_HASH_KEY`: wrong `hashKeyRange`
 * @throws TypeError `ERR_INVALID_ARG_TYPE`: wrong options
 * @example
 * await pipeline(Readable.from(records), deaggregateStream(), async function (userRecords) {
 *   for await (const { partitionKey, data } of userRecords) console.log(partitionKey, data.toString())
 * })
 */
declare function deaggregateStream<R extends KinesisRecordInput = KinesisRecordInput>(options?: DeaggregateOptions): TypedTransform<R, DeaggregatedRecord<R>>;

/** A shard as ListShards describes it. */
interface Shard {
    ShardId: string | undefined;
    HashKeyRange: {
        StartingHashKey: string | undefined;
        EndingHashKey: string | undefined;
    } | undefined;
    /** A shard with an `EndingSequenceNumber` is closed: no record goes there any more. */
    SequenceNumberRange?: {
        EndingSequenceNumber?: string | undefined;
    } | undefined;
}
/** A shard and the hash keys that go there, both ends included. */
interface ShardRange {
    shardId: string;
    startingHashKey: bigint;
    endingHashKey: bigint;
}
/**
 * The hash key by which Kinesis chooses a record's shard: the explicit one, else the MD5 of the partition
 * key's UTF-8 bytes, as a 128-bit number.
 *
 * @param explicitHashKey decimal, in [0, 2^128); `undefined` and `''` mean none
 * @throws KinesisAggError `ERR_INVALID_PARTITION_KEY` (over 256 characters), `ERR_INVALID_HASH_KEY`
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 */
declare function hashKeyOf(partitionKey: string, explicitHashKey?: string | bigint): bigint;
/**
 * The open shards of a stream, by hash key. Immutable; after a reshard make a new one.
 *
 * @example
 * const { Shards } = await client.send(new ListShardsCommand({ StreamName: 'readings' }))
 * const shards = new ShardMap(Shards)
 * shards.shardFor('device-1').shardId
 */
declare class ShardMap {
    #private;
    /**
     * @param shards what ListShards returns; closed shards are left out, the order does not matter
     * @throws KinesisAggError `ERR_INVALID_SHARDS`: no open shard, a gap, an overlap, a range that is none
     * @throws TypeError `ERR_INVALID_ARG_TYPE`
     */
    constructor(shards: readonly Shard[]);
    /** The open shards, by hash key. */
    get shards(): readonly ShardRange[];
    /**
     * The shard that a record goes to.
     *
     * @throws KinesisAggError `ERR_INVALID_PARTITION_KEY` (over 256 characters), `ERR_INVALID_HASH_KEY`
     * @throws TypeError `ERR_INVALID_ARG_TYPE`
     */
    shardFor(partitionKey: string, explicitHashKey?: string | bigint): ShardRange;
}

/**
 * A {@link RecordAggregator} for streams that KCL reads: one aggregate per shard, so that no user record
 * lies in another shard's aggregate. KCL 2 and later drops whole aggregates in which one does.
 *
 * Memory: at most shards × (`maxSize` + 1 KiB) for the keys and data that are buffered, and beside them up to 40 bytes
 * for each buffered record and about 100 for each different key. A small `maxSize` bounds it; 51,200 bytes, the
 * KPL's own default, is a good one, since Kinesis bills in units of 25 KB.
 *
 * @example
 * const aggregator = new ShardedAggregator(await fetchShardMap(client, 'readings'), { maxSize: 51_200 })
 * for (const record of records) {
 *   const full = aggregator.push(record)
 *   if (full !== undefined) await put(full)
 * }
 * for (const rest of aggregator.flush()) await put(rest)
 */
declare class ShardedAggregator {
    #private;
    /** @throws TypeError `ERR_INVALID_ARG_TYPE` */
    constructor(shards: ShardMap, options?: AggregateOptions);
    /**
     * Adds a record to the aggregate of its shard. If it does not fit there, what is there is encoded first.
     *
     * @returns that shard's full aggregate, if there was one; put it with its `explicitHashKey`
     * @throws KinesisAggError `ERR_INVALID_PARTITION_KEY` (over 256 characters), `ERR_INVALID_HASH_KEY`,
     * `ERR_RECORD_TOO_LARGE`, `ERR_MISSING_DATA`, `ERR_MISSING_PARTITION_KEY`. Nothing that is buffered is lost.
     * @throws TypeError `ERR_INVALID_ARG_TYPE`
     */
    push(record: AggregateInput): EncodedRecord | undefined;
    /** Encodes what is buffered, one record per shard that has something, by hash key. */
    flush(): EncodedRecord[];
    /**
     * Goes on with other shards, after a reshard.
     *
     * @returns what was buffered for the old ones, as {@link flush} would
     * @throws TypeError `ERR_INVALID_ARG_TYPE`
     */
    updateShards(shards: ShardMap): EncodedRecord[];
}

export { KinesisAggError, RecordAggregator, ResumeMemory, ShardMap, ShardedAggregator, aggregate, aggregateStream, codec, deaggregate, deaggregateEvent, deaggregateStream, deaggregateSync, hashKeyOf, isAggregated, iterateUserRecords, processEvent, putRecordsBatches };
export type { AggregateInput, AggregateOptions, AggregateStreamOptions, AnalyticsPreprocessingEvent, AnalyticsPreprocessingRecord, AnyKinesisStreamEvent, CallbackRecord, DeaggregatableEvent, DeaggregateOptions, DeaggregatedRecord, EncodedRecord, ErrorCode, FailedBatchObject, FirehoseTransformationEvent, FirehoseTransformationRecord, FlatKinesisStreamEvent, HandlerContext, HashKeyRange, KclRecord, KinesisBatchInfo, KinesisMetadata, KinesisRecordInput, KinesisStreamBatchResponse, KinesisStreamEvent, KinesisStreamRecord, KinesisStreamRecordPayload, KinesisStreamTumblingWindowEvent, KinesisStreamWindowResponse, LambdaContext, LambdaKinesisPayload, LegacyUserRecordInput, OnReady, PipesEvent, PipesKinesisRecord, ProcessEventOptions, PutRecordOutput, PutRecordsRequestEntry, RecordAggregatorOptions, RecordBytes, RecordOf, RecordsInput, SdkRecord, SdkUserRecord, SdkUserRecordInput, Shard, ShardRange, TypedTransform, UserData, UserRecord, UserRecordInput };
