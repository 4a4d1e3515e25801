// Generated from src-js by `npm run build:js`. Do not edit.
module.exports = require('../index.js').RecordAggregator
