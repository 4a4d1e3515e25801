// Generated from src-js by `npm run build:js`. Do not edit.
exports.deaggregate = require('../index.js').deaggregate
exports.deaggregateSync = require('../index.js').deaggregateSync
