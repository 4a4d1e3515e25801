// Generated from src-js by `npm run build:js`. Do not edit.
export { KinesisAggError, RecordAggregator, ShardMap, ShardedAggregator, aggregate, deaggregate, deaggregateSync, hashKeyOf, isAggregated, iterateUserRecords } from './index.js'
export { default } from './index.js'
