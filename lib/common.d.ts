// Generated from src-js by `npm run build:js`. Do not edit.
import { Buffer } from 'node:buffer';

/** Version of the KPL format, as `aws-kinesis-agg` calls it. */
declare const KplVersion = "0.9.0";
/** Whether `aws-kinesis-agg` would log; nothing here does. */
declare const debug = false;
/** First bytes of every aggregated record, in hexadecimal. */
declare const magicNumber = "f3899ac2";
/** First bytes of every aggregated record. */
declare const magic: Buffer;
/** A partition key of random digits. */
declare function randomPartitionKey(): string;
/** The protobuf message with the names of its fields. */
interface AggregatedRecordMessage {
    partition_key_table?: string[];
    explicit_hash_key_table?: string[];
    records?: RecordMessage[];
}
/** One user record of an {@link AggregatedRecordMessage}. */
interface RecordMessage {
    partition_key_index: number;
    explicit_hash_key_index?: number | null;
    data: Uint8Array;
    tags?: {
        key: string;
        value?: string | null;
    }[];
}
/** The message type, as far as users of `aws-kinesis-agg` reach for it. */
declare const AggregatedRecord: {
    /**
     * @returns an object whose `finish` gives the bytes, without magic and MD5
     * @throws TypeError `ERR_INVALID_ARG_TYPE`
     */
    encode(message: AggregatedRecordMessage): {
        finish(): Buffer;
    };
    /**
     * @param bytes what stands between magic and MD5
     * @throws KinesisAggError `ERR_MALFORMED_RECORD`
     * @throws TypeError `ERR_INVALID_ARG_TYPE`
     */
    decode(bytes: Uint8Array): Required<AggregatedRecordMessage>;
};
/** The message type; the name is from the days when it was loaded from a file. */
declare function loadBuilder(): typeof AggregatedRecord;
/** A copy of a record with lower-case first letters: `Data` becomes `data`. */
declare function v3FormatToV2Format(record: object): Record<string, unknown>;
/** A copy of a record with upper-case first letters: `data` becomes `Data`. */
declare function v2FormatToV3Format(record: object): Record<string, unknown>;

export { AggregatedRecord, KplVersion, debug, loadBuilder, magic, magicNumber, randomPartitionKey, v2FormatToV3Format, v3FormatToV2Format };
export type { AggregatedRecordMessage, RecordMessage };
