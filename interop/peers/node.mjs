// The Node.js module that this package replaces.
import { createRequire } from 'node:module'
import { checkModule } from '../lib/module-check.mjs'
import { readWithoutPresence } from './python.mjs'

const require = createRequire(import.meta.url)
const { RecordAggregator, deaggregateSync } = require('aws-kinesis-agg')

const SWAPPED = 'integer-like keys change places when it writes them'
const PROTO = 'a record with the key `__proto__` moves the keys of others'
const OUTSIDE = 'after a key `__proto__` it writes an index outside its table'
const POISONED = 'nothing can be added after a record with the key `hasOwnProperty`'

export const about = {
  peer: 'Node.js module',
  package: 'aws-kinesis-agg',
  version: require('aws-kinesis-agg/package.json').version
}

export function check(count) {
  return checkModule({
    ask: async request => ('write' in request ? write(request.records) : read(request.records)),
    count,
    place: (record, { sequenceNumber, subSequenceNumber }) => ({
      ...record,
      sequenceNumber,
      subSequenceNumber
    }),
    expectRead: readWithoutPresence,
    expectWritten,
    readFaults: [readWithoutPresence([{ explicitHashKey: '1' }, {}]).because],
    writeFaults: [SWAPPED, PROTO, OUTSIDE, POISONED]
  })
}

function write(records) {
  const aggregates = []
  const aggregator = new RecordAggregator()
  try {
    for (const { data, ...keys } of records) {
      const record = { ...keys, data: Buffer.from(data, 'base64') }
      if (!aggregator.checkIfUserRecordFits(record)) aggregates.push(aggregator.build())
      aggregator.addUserRecord(record)
    }
    aggregates.push(aggregator.build())
  } catch ({ message }) {
    return { error: message }
  }
  return aggregates.map(({ partitionKey, ExplicitHashKey, data }) => ({
    partitionKey,
    explicitHashKey: ExplicitHashKey,
    data: data.toString('base64')
  }))
}

function read(kinesisRecords) {
  const out = []
  for (const record of kinesisRecords) {
    deaggregateSync(record, true, (error, userRecords) => {
      if (error) throw error
      for (const { explicitPartitionKey, ...rest } of userRecords) {
        out.push(
          explicitPartitionKey === undefined ? rest : { ...rest, explicitHashKey: explicitPartitionKey }
        )
      }
    })
  }
  return out
}

/** What its tables, which are plain objects, make of the keys. */
function expectWritten(truth) {
  const poison = truth.findIndex(record => record.partitionKey === 'hasOwnProperty')
  if (poison >= 0 && poison < truth.length - 1) {
    return {
      outcome: { error: 'self.partitionKeyTable.hasOwnProperty is not a function' },
      because: POISONED
    }
  }
  const partitionKeys = throughObject(truth.map(record => record.partitionKey))
  const hashKeys = throughObject(truth.map(record => record.explicitHashKey))
  const odd = truth.some(record => record.partitionKey === '__proto__')
  const bent = truth.map(({ data }, i) => {
    const record = { partitionKey: partitionKeys[i], data }
    return truth[i].explicitHashKey === undefined ? record : { ...record, explicitHashKey: hashKeys[i] }
  })
  if (partitionKeys.includes(undefined))
    return { outcome: { code: 'ERR_MALFORMED_RECORD' }, because: OUTSIDE }
  const same = truth.every(
    (record, i) =>
      record.partitionKey === bent[i].partitionKey && record.explicitHashKey === bent[i].explicitHashKey
  )
  if (same) return { outcome: truth }
  return { outcome: bent, because: odd ? PROTO : SWAPPED }
}

/**
 * Numbers keys in the order in which they come, and then lists an object's properties, which are in another:
 * integer-like ones first, by number. `__proto__` uses up a number each time, is never listed, and reads as 0.
 */
function throughObject(keys) {
  const indexes = new Map()
  let next = 0
  const numbers = keys.map(key => {
    if (key === undefined) return undefined
    if (key === '__proto__') return next++ && 0
    if (!indexes.has(key)) indexes.set(key, next++)
    return indexes.get(key)
  })
  const listed = Object.keys(Object.fromEntries(indexes))
  return numbers.map(number => (number === undefined ? undefined : listed[number]))
}
