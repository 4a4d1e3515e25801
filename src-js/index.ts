export { aggregate } from './aggregate'
export { RecordAggregator, type OnReady, type RecordAggregatorOptions, type RecordsInput } from './aggregator'
export { deaggregate, deaggregateSync } from './compat/deaggregate'
export { isAggregated, iterateUserRecords } from './deaggregate'
export { KinesisAggError, type ErrorCode } from './errors'
export type {
  AggregateInput,
  AggregateOptions,
  AnalyticsPreprocessingRecord,
  DeaggregateOptions,
  EncodedRecord,
  FirehoseTransformationRecord,
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
