export { aggregate } from './aggregate'
export { RecordAggregator, type OnReady, type RecordAggregatorOptions, type RecordsInput } from './aggregator'
export { deaggregate, deaggregateSync } from './compat/deaggregate'
export { isAggregated, iterateUserRecords } from './deaggregate'
export { KinesisAggError, type ErrorCode } from './errors'
export { deaggregateEvent, processEvent } from './lambda'
export { putRecordsBatches } from './put-records'
export { aggregateStream, deaggregateStream } from './streams'
export { ShardedAggregator } from './sharded-aggregator'
export {
  ShardMap,
  hashKeyOf,
  type KinesisClientLike,
  type Shard,
  type ShardRange,
  type StreamName
} from './shards'
export type {
  AggregateInput,
  AggregateOptions,
  AggregateStreamOptions,
  AnalyticsPreprocessingEvent,
  AnalyticsPreprocessingRecord,
  DeaggregateOptions,
  EncodedRecord,
  FirehoseTransformationEvent,
  FirehoseTransformationRecord,
  HashKeyRange,
  KinesisMetadata,
  KinesisRecordInput,
  KinesisStreamBatchResponse,
  KinesisStreamEvent,
  KinesisStreamRecord,
  KinesisStreamRecordPayload,
  LegacyRecordOf,
  LegacySdkUserRecord,
  LegacyUserRecord,
  LegacyUserRecordInput,
  ProcessEventOptions,
  PutRecordsRequestEntry,
  RecordBytes,
  SdkRecord,
  SdkUserRecordInput,
  UserData,
  UserRecord,
  UserRecordInput
} from './types'
