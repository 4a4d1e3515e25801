import { RecordAggregator, aggregate } from 'kinesis-agg'
import { AggregatedRecord } from 'kinesis-agg/lib/common'
import { array, date, fn, func, nothing, object, refuses, shown, without } from '../support/arguments'

const record = { partitionKey: 'k', data: 'x' }
const aggregator = (): RecordAggregator => new RecordAggregator()

refuses([
  [
    'aggregate',
    value => aggregate(value),
    'records must be an iterable of user records',
    [...shown, nothing, object, func]
  ],
  [
    'a record of aggregate',
    value => aggregate([record, value]),
    'records[1] must be a user record',
    [...shown, nothing, func]
  ],
  ['options of aggregate', value => aggregate([record], value), 'options must be an object', shown],
  [
    'options.maxSize',
    value => aggregate([record], { maxSize: value }),
    'options.maxSize must be a whole number of bytes from 1 to 10485760',
    [
      [null, 'null'],
      ['5', "'5' (a string)"],
      [0, '0 (a number)'],
      [-1, '-1 (a number)'],
      [-1.5, '-1.5 (a number)'],
      [NaN, 'NaN (a number)'],
      [Number.NaN, 'NaN (a number)'],
      [10_485_761, '10485761 (a number)']
    ]
  ],
  [
    'options.strict',
    value => aggregate([record], { strict: value }),
    'options.strict must be a boolean',
    without('boolean')
  ],
  [
    'encodedRecordHandler',
    value => aggregate([record], value, fn, fn),
    'encodedRecordHandler must be a function',
    [...shown, object]
  ],
  [
    'afterPutAggregatedRecords',
    value => aggregate([record], fn, value, fn),
    'afterPutAggregatedRecords must be a function',
    [...shown, nothing, object]
  ],
  [
    'errorCallback',
    value => aggregate([record], fn, fn, value),
    'errorCallback must be a function',
    [...shown.filter(([value]) => value !== null), object]
  ],
  [
    'queueSize',
    value => aggregate([record], fn, fn, fn, value),
    'queueSize must be a number above 0',
    [
      [0, '0 (a number)'],
      [-1.5, '-1.5 (a number)'],
      [NaN, 'NaN (a number)'],
      [-Infinity, '-Infinity (a number)'],
      ['', "'' (a string)"],
      ['two', "'two' (a string)"]
    ]
  ],
  [
    'data of a user record',
    value => aggregate([record, { ...record, data: value }]),
    'records[1].data must be a string, a Buffer',
    [[5, '5 (a number)'], [true, 'true (a boolean)'], object, array, func, date]
  ],
  [
    'partitionKey',
    value => aggregate([record, { ...record, partitionKey: value }]),
    'records[1].partitionKey must be a string',
    [[true, 'true (a boolean)'], object, array, func, date]
  ],
  [
    'explicitHashKey',
    value => aggregate([record, { ...record, explicitHashKey: value }]),
    'records[1].explicitHashKey must be a decimal string, an integer or a bigint',
    [
      [true, 'true (a boolean)'],
      [-1.5, '-1.5 (a number)'],
      [NaN, 'NaN (a number)'],
      [Number.NaN, 'NaN (a number)'],
      [Infinity, 'Infinity (a number)'],
      object,
      func
    ]
  ],
  ['RecordAggregator', value => new RecordAggregator(value), 'options must be an object', without('object')],
  [
    'options.onReady',
    value => new RecordAggregator({ onReady: value }),
    'options.onReady must be a function',
    [[5, '5 (a number)'], object]
  ],
  ['push', value => aggregator().push(value), 'record must be a user record', [...shown, nothing]],
  [
    'addUserRecord',
    value => aggregator().addUserRecord(value),
    'record must be a user record',
    [...shown, nothing]
  ],
  [
    'checkIfUserRecordFits',
    value => aggregator().checkIfUserRecordFits(value),
    'record must be a user record',
    [...shown, nothing]
  ],
  [
    'calculateUserRecordSize',
    value => aggregator().calculateUserRecordSize(value),
    'record must be a user record',
    [...shown, nothing]
  ],
  [
    'aggregateRecords',
    value => aggregator().aggregateRecords(value),
    'records must be an iterable of user records',
    [...shown, nothing, object]
  ],
  [
    'onReadyCallback of aggregateRecords',
    value => aggregator().aggregateRecords([], true, value),
    'onReadyCallback must be a function',
    [[5, '5 (a number)'], object]
  ],
  [
    'flushBufferedRecords',
    value => aggregator().flushBufferedRecords(value),
    'onReadyCallback must be a function',
    [[5, '5 (a number)'], object]
  ],
  [
    'setOnReadyCallback',
    value => aggregator().setOnReadyCallback(value),
    'onReadyCallback must be a function',
    [[5, '5 (a number)'], object]
  ],
  [
    'AggregatedRecord.encode',
    value => AggregatedRecord.encode(value),
    'message must be an object',
    [...shown, nothing]
  ],
  [
    'partition_key_table',
    value => AggregatedRecord.encode({ partition_key_table: value }),
    'message.partition_key_table must be an array',
    [[5, '5 (a number)'], object]
  ],
  [
    'a key of it',
    value => AggregatedRecord.encode({ partition_key_table: ['k', value] }),
    'message.partition_key_table[1] must be a string',
    [[5, '5 (a number)'], nothing]
  ],
  [
    'partition_key_index',
    value => AggregatedRecord.encode({ records: [{ partition_key_index: value, data: Buffer.alloc(1) }] }),
    'record.partition_key_index must be a whole number from 0',
    [nothing, [-1, '-1 (a number)'], [1.5, '1.5 (a number)'], [2 ** 53, '9007199254740992 (a number)']]
  ],
  [
    'AggregatedRecord.decode',
    value => AggregatedRecord.decode(value),
    'bytes must be a Uint8Array',
    [...shown, nothing]
  ]
])
