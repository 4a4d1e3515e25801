export { aggregate } from './compat/aggregate'
export {
  RecordAggregator,
  type OnReady,
  type RecordAggregatorOptions,
  type RecordsInput
} from './aggregation/record-aggregator'
export { deaggregate, deaggregateSync } from './compat/deaggregate'
export { isAggregated, iterateUserRecords } from './deaggregation/deaggregate'
export { KinesisAggError, type ErrorCode } from './errors'
export { codec } from './native/loader'
export { deaggregateEvent } from './lambda/deaggregate-event'
export { processEvent } from './lambda/process-event'
export { ResumeMemory } from './lambda/resume-memory'
export type {
  AnyKinesisStreamEvent,
  DeaggregatableEvent,
  FailedBatchObject,
  FlatKinesisStreamEvent,
  HandlerContext,
  KinesisBatchInfo,
  KinesisStreamTumblingWindowEvent,
  KinesisStreamWindowResponse,
  LambdaContext,
  PipesEvent,
  PipesKinesisRecord,
  ProcessEventOptions,
  RecordOf
} from './lambda/types'
export { putRecordsBatches } from './aggregation/put-records-batches'
export { aggregateStream } from './streams/aggregate-stream'
export { deaggregateStream } from './streams/deaggregate-stream'
export type { TypedTransform } from './streams/types'
export { ShardedAggregator } from './shards/sharded-aggregator'
export { ShardMap, hashKeyOf, type Shard, type ShardRange } from './shards/shard-map'
export type {
  AggregateInput,
  AggregateOptions,
  AggregateStreamOptions,
  AnalyticsPreprocessingEvent,
  AnalyticsPreprocessingRecord,
  CallbackRecord,
  DeaggregateOptions,
  DeaggregatedRecord,
  EncodedRecord,
  FirehoseTransformationEvent,
  FirehoseTransformationRecord,
  HashKeyRange,
  KclRecord,
  KinesisMetadata,
  KinesisRecordInput,
  KinesisStreamBatchResponse,
  KinesisStreamEvent,
  KinesisStreamRecord,
  KinesisStreamRecordPayload,
  LambdaKinesisPayload,
  LegacyUserRecordInput,
  PutRecordOutput,
  PutRecordsRequestEntry,
  RecordBytes,
  SdkRecord,
  SdkUserRecord,
  SdkUserRecordInput,
  UserData,
  UserRecord,
  UserRecordInput
} from './types'
