// Generated from src-js by `npm run build:js`. Do not edit.
export { KinesisAggError, RecordAggregator, ShardMap, ShardedAggregator, aggregate, aggregateStream, deaggregate, deaggregateEvent, deaggregateStream, deaggregateSync, hashKeyOf, isAggregated, iterateUserRecords, processEvent, putRecordsBatches } from './index.js'
export { default } from './index.js'
