// Generated from src-js by `npm run build:js`. Do not edit.
export { KinesisAggError, RecordAggregator, aggregate, deaggregate, deaggregateSync, isAggregated, iterateUserRecords } from './index.js'
export { default } from './index.js'
