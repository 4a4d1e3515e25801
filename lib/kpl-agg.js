// Generated from src-js by `npm run build:js`. Do not edit.
exports.aggregate = require('../index.js').aggregate
exports.RecordAggregator = require('../index.js').RecordAggregator
