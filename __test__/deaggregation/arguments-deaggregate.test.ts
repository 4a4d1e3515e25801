import { describe, expect, it } from 'vitest'
import { aggregate, deaggregate, deaggregateSync, isAggregated, iterateUserRecords } from 'kinesis-agg'
import { array, bare, date, fn, func, nothing, object, refuses, shown, without } from '../support/arguments'
import { thrownBy } from '../support/seen'

const plain = { data: 'eA==' }

refuses([
  [
    'deaggregateSync',
    value => deaggregateSync(value),
    'record must be a Kinesis record',
    [...shown, nothing, func]
  ],
  [
    'deaggregateSync in an array',
    value => deaggregateSync([plain, value]),
    'records[1] must be a Kinesis record',
    [...shown, nothing]
  ],
  [
    'data of deaggregateSync',
    value => deaggregateSync({ data: value }),
    'record.data must be base64 text',
    [...without('string'), nothing, array, object, func, date]
  ],
  [
    'Data of deaggregateSync',
    value => deaggregateSync({ Data: value }),
    'record.Data must be base64 text',
    [...without('string'), array, object, bare]
  ],
  [
    'kinesis of deaggregateSync',
    value => deaggregateSync({ kinesis: value }),
    'record.kinesis must be an object',
    shown
  ],
  [
    'data of the whole record',
    value => deaggregateSync({ kinesis: { data: value } }),
    'record.kinesis.data must be base64 text',
    [nothing, object]
  ],
  ['options of deaggregateSync', value => deaggregateSync(plain, value), 'options must be an object', shown],
  [
    'options.computeChecksums',
    value => deaggregateSync(plain, { computeChecksums: value }),
    'options.computeChecksums must be a boolean',
    without('boolean')
  ],
  [
    'options.onInvalid',
    value => deaggregateSync(plain, { onInvalid: value }),
    "options.onInvalid must be 'throw', 'passthrough' or 'salvage'",
    [...shown, object]
  ],
  [
    'callback of deaggregateSync',
    value => deaggregateSync(plain, true, value),
    'afterRecordCallback must be a function',
    [...shown, object]
  ],
  [
    'record of deaggregate',
    value => deaggregate(value, true, fn, fn),
    'record must be a Kinesis record',
    shown
  ],
  [
    'perRecordCallback',
    value => deaggregate(plain, true, value, fn),
    'perRecordCallback must be a function',
    [...shown, nothing, object]
  ],
  [
    'afterRecordCallback',
    value => deaggregate(plain, true, fn, value),
    'afterRecordCallback must be a function',
    [...shown, nothing, object]
  ],
  [
    'iterateUserRecords',
    value => iterateUserRecords(value),
    'records must be an iterable of Kinesis records',
    [...shown, nothing, object, func]
  ],
  [
    'a record of iterateUserRecords',
    value => [...iterateUserRecords([value])],
    'record must be a Kinesis record',
    [...shown, nothing]
  ],
  [
    'options of iterateUserRecords',
    value => iterateUserRecords([], value),
    'options must be an object',
    shown
  ],
  ['isAggregated', value => isAggregated(value), 'record must be a Kinesis record', [...shown, nothing]]
])

describe('memory that was transferred away', () => {
  it.each([
    ['an ArrayBuffer', (memory: ArrayBuffer) => memory],
    ['a Uint8Array', (memory: ArrayBuffer) => new Uint8Array(memory)],
    ['a Buffer', (memory: ArrayBuffer) => Buffer.from(memory)],
    ['a DataView', (memory: ArrayBuffer) => new DataView(memory)]
  ])('%s', (_, view) => {
    const memory = new ArrayBuffer(40)
    const data = view(memory)
    structuredClone(memory, { transfer: [memory] })
    for (const call of [() => deaggregateSync({ data }), () => aggregate([{ partitionKey: 'k', data }])])
      expect(thrownBy(call)).toMatchObject({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' })
  })
})

describe('what looks like a Buffer and is none', () => {
  it.each([
    ['a proxy', new Proxy(Buffer.from('x'), {})],
    ['an object with its prototype', Object.create(Buffer.prototype) as Buffer]
  ])('%s', (_, data) => {
    for (const call of [() => deaggregateSync({ data }), () => aggregate([{ partitionKey: 'k', data }])])
      expect(thrownBy(call)).toMatchObject({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' })
  })
})
