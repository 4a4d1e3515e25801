// Generated from src-js by `npm run build:js`. Do not edit.
import { RecordAggregator } from '../index.js'
export = RecordAggregator
