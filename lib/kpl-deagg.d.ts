// Generated from src-js by `npm run build:js`. Do not edit.
export { deaggregate, deaggregateSync } from '../index.js'
