exports.RecordAggregator = require('aws-kinesis-agg').RecordAggregator
exports.SameClass = require('aws-kinesis-agg/kpl-agg').RecordAggregator
