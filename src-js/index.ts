export { aggregate } from './aggregate'
export { RecordAggregator, type OnReady, type RecordAggregatorOptions, type RecordsInput } from './aggregator'
export { deaggregate, deaggregateSync } from './compat/deaggregate'
export { isAggregated, iterateUserRecords } from './deaggregate'
export { KinesisAggError, type ErrorCode } from './errors'
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
  AnalyticsPreprocessingRecord,
  DeaggregateOptions,
  EncodedRecord,
  FirehoseTransformationRecord,
  HashKeyRange,
  KinesisMetadata,
  KinesisRecordInput,
  KinesisStreamRecord,
  KinesisStreamRecordPayload,
  LegacyRecordOf,
  LegacySdkUserRecord,
  LegacyUserRecord,
  LegacyUserRecordInput,
  RecordBytes,
  SdkRecord,
  SdkUserRecordInput,
  UserData,
  UserRecord,
  UserRecordInput
} from './types'
