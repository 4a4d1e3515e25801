// KCL reads aggregates with a few bytes changed under a good checksum as we do with onInvalid: 'passthrough',
// but for what it drops.
import { createHash } from 'node:crypto'
import { Random } from '../../bench/corpus.mjs'
import { aggregate, deaggregateSync } from 'kinesis-agg'
import { Check } from '../lib/check.mjs'
import { read } from '../lib/ours.mjs'
import { below, randomSets } from '../lib/sets.mjs'
import { DROPS_REST, NO_HASH_KEY } from './vectors.mjs'

const LENIENT =
  'KCL skips a field with the wrong wire type, or with a tag of over 32 bits, as one that it does not know'

export async function damaged(ask, count) {
  const check = new Check('reads damaged records')
  const random = new Random(7)
  for (const set of randomSets(count, 7)) {
    for (let i = 0; i < 4; i++) {
      const records = [{ partitionKey: 'outer', data: damage(set, random), sequenceNumber: '7' }]
      const ours = read(records, { onInvalid: 'passthrough' })
      const theirs = await ask({ records })
      const { outcome, because } = expectation(ours, theirs, records)
      check.compare(theirs, outcome, { records: ours.length, because })
    }
  }
  check.expectDifferences(DROPS_REST, NO_HASH_KEY)
  return check.result()
}

/** A small aggregate of the first records, with up to three bytes of its message changed. */
function damage(set, random) {
  const small = set.slice(0, 5).map(({ partitionKey, explicitHashKey, data }) => ({
    partitionKey,
    explicitHashKey,
    data: data.subarray(0, 20)
  }))
  const [{ data }] = aggregate(small)
  const message = Buffer.from(data.subarray(4, -16))
  for (let n = 1 + below(random, 3); n > 0; n--) {
    message[below(random, message.length)] = below(random, 3) === 0 ? below(random, 32) : below(random, 256)
  }
  const digest = createHash('md5').update(message).digest()
  return Buffer.concat([data.subarray(0, 4), message, digest]).toString('base64')
}

function expectation(ours, theirs, records) {
  if (ours[0]?.aggregated === false) return afterOurError(ours, theirs, records)
  const keeps = ours.findIndex(({ explicitHashKey: key }) => key !== undefined && !/^[+-]?\d+$/.test(key))
  return keeps < 0 ? { outcome: ours } : { outcome: ours.slice(0, keeps), because: NO_HASH_KEY }
}

/** We refuse the record: so does KCL, or it hands out the user records before the one that it stumbles over. */
function afterOurError(ours, theirs, records) {
  const { message } = errorOf(() => deaggregateSync(records))
  const inOrder = theirs.every((record, i) => record.aggregated && record.subSequenceNumber === i)
  if (!inOrder) return { outcome: ours }
  if (message.includes('index is outside its table')) return { outcome: theirs, because: DROPS_REST }
  if (/wrong wire type|tag is invalid/.test(message)) return { outcome: theirs, because: LENIENT }
  return { outcome: ours }
}

function errorOf(call) {
  try {
    call()
  } catch (error) {
    return error
  }
  throw new Error('a record that was passed through is fine')
}
