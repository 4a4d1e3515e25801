// Generated from src-js by `npm run build:js`. Do not edit.
import { Transform } from 'node:stream';

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
 * Anything that carries a Kinesis record: what Lambda hands a function, what the AWS SDK returns, what
 * transformation events hold.
 */
type KinesisRecordInput = KinesisStreamRecordPayload | KinesisStreamRecord | SdkRecord | FirehoseTransformationRecord | AnalyticsPreprocessingRecord;
/** What Lambda hands a function that reads a Kinesis stream. */
interface KinesisStreamEvent {
    Records: readonly KinesisStreamRecord[];
    /** The tumbling window, as this and the rest are there only if the event source mapping has one. */
    window?: {
        start: string;
        end: string;
    } | undefined;
    /** What the function returned before in the same window. */
    state?: Record<string, unknown> | null | undefined;
    shardId?: string | undefined;
    eventSourceARN?: string | undefined;
    /** The window ends with this event, which may have no records. */
    isFinalInvokeForWindow?: boolean | undefined;
    /** The state grew over 1 MB. */
    isWindowTerminatedEarly?: boolean | undefined;
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
/** One user record, out of an aggregated record or a plain one. */
interface UserRecord {
    /** `''` for a plain record that came without one (streams whose record distribution Kinesis manages). */
    partitionKey: string;
    /** Decimal digits; `undefined` if the producer gave none, and for plain records. */
    explicitHashKey: string | undefined;
    /** Of the enclosing Kinesis record; `''` if that came without one. */
    sequenceNumber: string;
    /** Position in the aggregated record, from 0; 0 for a plain record. */
    subSequenceNumber: number;
    /** Tells a plain record from record 0 of an aggregated one. */
    aggregated: boolean;
    /** A view: of the caller's bytes, or of one Buffer for all records of an aggregate that came as base64. */
    data: Buffer;
    /** As it came: seconds from Lambda, milliseconds from Firehose, a Date from the AWS SDK. */
    approximateArrivalTimestamp: number | Date | undefined;
    /** The enclosing record itself, by reference: `eventID`, `recordId`, `shardId` stay within reach. */
    source: KinesisRecordInput;
}
/** How to deaggregate. */
interface DeaggregateOptions {
    /** Verify the MD5 of aggregated records; default true. */
    computeChecksums?: boolean | undefined;
    /**
     * What becomes of an aggregated record whose checksum or encoding is wrong: `'throw'` (default), or
     * `'passthrough'`, which hands it on as a plain record, as KCL does. (With one exception: of a record in which
     * an index points outside its table, KCL hands out the user records before that, and nothing of the rest.)
     */
    onInvalid?: 'throw' | 'passthrough' | undefined;
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
/** How to process an event. */
interface ProcessEventOptions extends DeaggregateOptions {
    /**
     * How many handlers may run at a time; default 1. Those of one partition key still run one after the other,
     * in order. After a failure those that run are waited for; the response names the earliest record that
     * failed, so that records behind it, of other keys, may come again although they were handled.
     */
    concurrency?: number | undefined;
    /**
     * Told of the failure that the response reports, and of the enclosing record. The response has no room for
     * the error, so that it is seen nowhere else; without this it goes to `console.error`.
     */
    onFailure?: ((error: unknown, record: KinesisRecordInput) => void | Promise<void>) | undefined;
}
/** Bytes of a user record; text is stored as UTF-8. */
type UserData = string | ArrayBufferView | ArrayBufferLike;
/** A user record to aggregate. */
interface UserRecordInput {
    /** At least one character; Kinesis takes up to 256. */
    partitionKey: string;
    /** Empty data is data. */
    data: UserData;
    /** Decimal, in [0, 2^128). `undefined`, `null` and `''` mean none. */
    explicitHashKey?: string | number | bigint | null | undefined;
}
/** A user record to aggregate, as the AWS SDK names its parts. */
interface SdkUserRecordInput {
    PartitionKey: string;
    Data: UserData;
    ExplicitHashKey?: string | number | bigint | null | undefined;
}
/** A user record to aggregate, as `aws-kinesis-agg` names the hash key of those that it takes apart. */
interface LegacyUserRecordInput {
    partitionKey: string;
    data: UserData;
    explicitPartitionKey?: string | number | bigint | null | undefined;
}
/** Every form of a user record that can be aggregated; also a {@link UserRecord}. */
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
     * are no decimal in [0, 2^128) (`ERR_INVALID_HASH_KEY`), as Kinesis would; default false.
     */
    strict?: boolean | undefined;
}
/** How a stream aggregates. */
interface AggregateStreamOptions extends AggregateOptions {
    /**
     * Milliseconds without a record after which what is buffered is handed on, however little it is; by default
     * only a full aggregate and the end of the stream hand on.
     */
    flushIntervalMs?: number | undefined;
}
/** A user record as the callback forms of `aws-kinesis-agg` hand it out. */
interface LegacyUserRecord {
    partitionKey: string;
    explicitPartitionKey: string | undefined;
    sequenceNumber: string;
    /** Absent on a plain record. */
    subSequenceNumber?: number;
    /** base64; on a plain record what came */
    data: string;
}
/** {@link LegacyUserRecord} for records that came as the AWS SDK names their parts. */
interface LegacySdkUserRecord {
    PartitionKey: string;
    ExplicitPartitionKey: string | undefined;
    SequenceNumber: string;
    /** Absent on a plain record. */
    SubSequenceNumber?: number;
    /** base64 of a record out of an aggregate; on a plain record what came */
    Data: string | Uint8Array;
}
/** {@link LegacySdkUserRecord} for an {@link SdkRecord}, else {@link LegacyUserRecord}. */
type LegacyRecordOf<R> = R extends {
    Data: unknown;
} ? LegacySdkUserRecord : LegacyUserRecord;

/**
 * Packs user records into as few aggregated records as the limit allows, in order.
 *
 * @param options see {@link AggregateOptions}
 * @returns the aggregated records; none for no records
 * @throws KinesisAggError `ERR_RECORD_TOO_LARGE`, `ERR_MISSING_DATA`, `ERR_MISSING_PARTITION_KEY`; when
 * strict, `ERR_INVALID_PARTITION_KEY`, `ERR_INVALID_HASH_KEY`. Nothing was handled then.
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 * @example
 * const [encoded] = aggregate([{ partitionKey: 'device-1', data: 'on' }])
 */
declare function aggregate(records: Iterable<AggregateInput>, options?: AggregateOptions): EncodedRecord[];
/**
 * The form of `aws-kinesis-agg`: asynchronous, and a record that cannot be aggregated does not stop the rest.
 *
 * @param encodedRecordHandler gets each aggregated record on a later tick; calls its callback or returns a
 * promise when it is done
 * @param afterPutAggregatedRecords called once all are done
 * @param errorCallback gets each error, of a record or of the handler
 * @param queueSize how many handlers run at a time; default 1
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 */
declare function aggregate(records: Iterable<AggregateInput> | {
    forEach(callback: (record: AggregateInput) => void): void;
}, encodedRecordHandler: (encodedRecord: EncodedRecord, callback: (err?: Error | null, data?: unknown) => void) => unknown, afterPutAggregatedRecords: () => void, errorCallback: (error: Error, data?: unknown) => void, queueSize?: number): void;

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
     * @throws KinesisAggError `ERR_RECORD_TOO_LARGE`, `ERR_MISSING_DATA`, `ERR_MISSING_PARTITION_KEY`; when
     * strict, `ERR_INVALID_PARTITION_KEY`, `ERR_INVALID_HASH_KEY`. Nothing that is buffered is lost.
     * @throws TypeError `ERR_INVALID_ARG_TYPE`
     */
    push(record: AggregateInput): EncodedRecord | undefined;
    /** Encodes what is buffered; `undefined` if nothing is. */
    flush(): EncodedRecord | undefined;
    /** The same as {@link flush}, under the name that `aws-kinesis-agg` gives it. */
    build(): EncodedRecord | undefined;
    /** Forgets what is buffered. */
    clearRecords(): void;
    /**
     * Adds a record to those that are buffered.
     *
     * @throws KinesisAggError `ERR_RECORD_DOES_NOT_FIT` if there is no room, and all that {@link push} throws
     */
    addUserRecord(record: AggregateInput): void;
    /** Whether {@link addUserRecord} would have room for a record. Throws as {@link calculateUserRecordSize}. */
    checkIfUserRecordFits(record: AggregateInput): boolean;
    /**
     * The exact bytes that adding a record now would add to {@link totalBytes}. They depend on the keys that
     * are buffered already.
     *
     * @throws KinesisAggError `ERR_MISSING_DATA`, `ERR_MISSING_PARTITION_KEY`
     * @throws TypeError `ERR_INVALID_ARG_TYPE`
     */
    calculateUserRecordSize(record: AggregateInput): number;
    /**
     * Adds many records and delivers each aggregate that is full. A record that cannot be aggregated is
     * delivered as an error, and the rest goes on.
     *
     * @param records anything with `forEach`, or an iterable
     * @param forceFlush deliver at the end what is not full
     * @param onReadyCallback instead of that of the aggregator
     * @throws TypeError `ERR_INVALID_ARG_TYPE`: also if something is to be delivered and there is no callback;
     * what is buffered stays so
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
 * Takes Kinesis records apart into their user records, in order; plain records come out as they are.
 *
 * @param records one Kinesis record or many, as Lambda, Firehose or the AWS SDK hand them out
 * @param options see {@link DeaggregateOptions}
 * @returns one entry per user record, `data` being views; see {@link UserRecord}
 * @throws KinesisAggError `ERR_INVALID_CHECKSUM`, `ERR_MALFORMED_RECORD`: one is damaged; it is `record` and
 * `sequenceNumber` of the error, and nothing of the batch was handled
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 * @example
 * for (const { partitionKey, data } of deaggregateSync(event.Records)) {
 *   console.log(partitionKey, data.toString())
 * }
 */
declare function deaggregateSync(records: KinesisRecordInput | readonly KinesisRecordInput[], options?: DeaggregateOptions): UserRecord[];
/**
 * The form of `aws-kinesis-agg`: calls back once, before it returns.
 *
 * @param computeChecksums verify the MD5 of aggregated records
 */
declare function deaggregateSync<R extends KinesisRecordInput>(record: R, computeChecksums: boolean, afterRecordCallback: (err: Error | undefined, userRecords: LegacyRecordOf<R>[]) => void): void;
/**
 * The form of `aws-kinesis-agg`: one callback per user record, in order, then the last one, all before it
 * returns. If a callback for a user record throws, the others still get theirs, and the last one gets the
 * first error and the record that it came from.
 *
 * @param computeChecksums verify the MD5 of an aggregated record
 * @param afterRecordCallback also told of a damaged record, by its error
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 */
declare function deaggregate<R extends KinesisRecordInput>(record: R, computeChecksums: boolean, perRecordCallback: (err: Error | null, userRecord: LegacyRecordOf<R>) => void, afterRecordCallback: (err?: Error, errorUserRecord?: LegacyRecordOf<R>) => void): void;

/**
 * Whether a record is an aggregated one: looks at magic and length, verifies and decodes nothing.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 */
declare function isAggregated(record: KinesisRecordInput): boolean;
/**
 * The user records of Kinesis records, one Kinesis record at a time: a lazy `deaggregateSync`.
 *
 * A damaged record throws when its turn comes; what was yielded before stays good.
 *
 * @throws KinesisAggError `ERR_INVALID_CHECKSUM`, `ERR_MALFORMED_RECORD`
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 */
declare function iterateUserRecords(records: Iterable<KinesisRecordInput>, options?: DeaggregateOptions): IterableIterator<UserRecord>;

/** The stable codes of the errors that this package makes. */
type ErrorCode = 'ERR_INVALID_CHECKSUM' | 'ERR_MALFORMED_RECORD' | 'ERR_RECORD_TOO_LARGE' | 'ERR_RECORD_DOES_NOT_FIT' | 'ERR_MISSING_DATA' | 'ERR_MISSING_PARTITION_KEY' | 'ERR_INVALID_PARTITION_KEY' | 'ERR_INVALID_HASH_KEY' | 'ERR_INVALID_SHARDS' | 'ERR_NO_RECORDS' | 'ERR_UNSUPPORTED_PLATFORM';
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
}

/**
 * The user records of a whole Lambda event, in order: of a Kinesis stream (with or without a tumbling
 * window), of a Firehose transformation, or of a Kinesis Analytics (Managed Service for Apache Flink)
 * preprocessing. What belongs to the enclosing record (`recordId`, `eventID`) is in reach as `source`.
 *
 * @param options see {@link DeaggregateOptions}
 * @throws KinesisAggError `ERR_INVALID_CHECKSUM`, `ERR_MALFORMED_RECORD`: a record is damaged; it is `record`
 * and `sequenceNumber` of the error, and nothing was handed out
 * @throws TypeError `ERR_INVALID_ARG_TYPE`: no event, or a record in it has no data
 * @example
 * exports.handler = async event => {
 *   for (const { partitionKey, data } of deaggregateEvent(event)) console.log(partitionKey, String(data))
 * }
 */
declare function deaggregateEvent(event: KinesisStreamEvent | FirehoseTransformationEvent | AnalyticsPreprocessingEvent, options?: DeaggregateOptions): UserRecord[];
/**
 * Runs `handler` over the user records of a Kinesis stream event, in order, one at a time unless `concurrency`
 * says otherwise, and makes the response that tells Lambda where to begin again.
 *
 * At the first failure it stops and reports the sequence number of the enclosing Kinesis record: Lambda
 * retries from there, so that user records of the same aggregate that were handled already come again. A
 * record that cannot be decoded fails in its turn, after all before it were handled.
 *
 * The event source mapping must have `FunctionResponseTypes: ['ReportBatchItemFailures']`. Without it Lambda
 * does not read the response, and takes every one for success.
 *
 * @param handler has handled a record when it returns, or when its promise is fulfilled
 * @param options see {@link ProcessEventOptions}
 * @returns `{ batchItemFailures: [] }`, or with the one `{ itemIdentifier }` to begin at
 * @throws TypeError `ERR_INVALID_ARG_TYPE`: no Kinesis stream event, or `handler` is no function (a rejection,
 * as all of these are)
 * @throws the failure itself, if the enclosing record has no sequence number to report: Lambda retries the
 * whole batch then
 * @example
 * exports.handler = event => processEvent(event, async record => save(record.partitionKey, record.data))
 */
declare function processEvent(event: KinesisStreamEvent, handler: (record: UserRecord) => unknown, options?: ProcessEventOptions): Promise<KinesisStreamBatchResponse>;

/**
 * Sorts encoded records into batches for the AWS SDK's `PutRecordsCommand`, in order: at most 500 entries and
 * 10 MiB (data and partition keys) each. Data is not copied.
 *
 * @returns the entries of each call; no batch for no records
 * @throws KinesisAggError `ERR_RECORD_TOO_LARGE`: a record that no call has room for
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 * @example
 * for (const Records of putRecordsBatches(aggregate(records))) {
 *   await client.send(new PutRecordsCommand({ StreamName: 'readings', Records }))
 * }
 */
declare function putRecordsBatches(encoded: Iterable<EncodedRecord>): PutRecordsRequestEntry[][];

/**
 * A stream in object mode that takes Kinesis records, of any form, and gives their user records in order. It
 * reads the next Kinesis record when the user records of the last are taken.
 *
 * @param options see {@link DeaggregateOptions}
 * @returns a Transform; a damaged record destroys it, with the error of {@link deaggregateSync}, whose
 * `record` is the one that it is about
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 * @example
 * for await (const { partitionKey, data } of Readable.from(records).pipe(deaggregateStream())) {
 *   console.log(partitionKey, data.toString())
 * }
 */
declare function deaggregateStream(options?: DeaggregateOptions): Transform;
/**
 * A stream in object mode that takes user records and gives encoded records, each as full as `maxSize` allows;
 * the last one when its input ends. With `flushIntervalMs` it also gives what it has when no record came for
 * that long; its timer does not keep the process running.
 *
 * @param options see {@link AggregateStreamOptions}
 * @returns a Transform; a record that cannot be aggregated destroys it, with an error of
 * {@link RecordAggregator.push}, whose `record` it is
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 * @example
 * await pipeline(readings, aggregateStream({ flushIntervalMs: 1000 }), async function (encoded) {
 *   for await (const record of encoded) await put(record)
 * })
 */
declare function aggregateStream(options?: AggregateStreamOptions): Transform;

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
/** A client of the AWS SDK v3: `KinesisClient` or `Kinesis`. */
interface KinesisClientLike {
    send(command: never): Promise<unknown>;
}
/** Which stream; one of the two. */
interface StreamName {
    StreamName?: string | undefined;
    StreamARN?: string | undefined;
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
 * const shards = await ShardMap.fetch(client, { StreamName: 'readings' })
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
    /**
     * Asks Kinesis for the shards, page by page.
     *
     * @param client of the AWS SDK v3, the caller's; needs the permission `kinesis:ListShards`
     * @throws KinesisAggError `ERR_INVALID_SHARDS`: also while a reshard is under way, if the answer has a gap
     * @throws TypeError `ERR_INVALID_ARG_TYPE`
     */
    static fetch(client: KinesisClientLike, stream: StreamName): Promise<ShardMap>;
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
 * Memory: at most shards × `maxSize` of buffered records. A small `maxSize` bounds it; 51,200 bytes, the KPL's
 * own default, is a good one, since Kinesis bills in units of 25 KB.
 *
 * @example
 * const aggregator = new ShardedAggregator(await ShardMap.fetch(client, { StreamName }), { maxSize: 51_200 })
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

export { KinesisAggError, RecordAggregator, ShardMap, ShardedAggregator, aggregate, aggregateStream, deaggregate, deaggregateEvent, deaggregateStream, deaggregateSync, hashKeyOf, isAggregated, iterateUserRecords, processEvent, putRecordsBatches };
export type { AggregateInput, AggregateOptions, AggregateStreamOptions, AnalyticsPreprocessingEvent, AnalyticsPreprocessingRecord, DeaggregateOptions, EncodedRecord, ErrorCode, FirehoseTransformationEvent, FirehoseTransformationRecord, HashKeyRange, KinesisClientLike, KinesisMetadata, KinesisRecordInput, KinesisStreamBatchResponse, KinesisStreamEvent, KinesisStreamRecord, KinesisStreamRecordPayload, LegacyRecordOf, LegacySdkUserRecord, LegacyUserRecord, LegacyUserRecordInput, OnReady, ProcessEventOptions, PutRecordsRequestEntry, RecordAggregatorOptions, RecordBytes, RecordsInput, SdkRecord, SdkUserRecordInput, Shard, ShardRange, StreamName, UserData, UserRecord, UserRecordInput };
