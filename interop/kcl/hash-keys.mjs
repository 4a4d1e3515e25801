// KCL computes the same hash keys as hashKeyOf.
import { hashKeyOf } from 'kinesis-agg'
import { Check } from '../lib/check.mjs'
import { plain } from '../lib/ours.mjs'
import { randomSets } from '../lib/sets.mjs'

export async function hashKeys(ask, count) {
  const check = new Check('computes the hash keys that hashKeyOf does')
  for (const set of randomSets(count, 2)) {
    const records = set.map(({ partitionKey, explicitHashKey }) =>
      plain({ partitionKey, explicitHashKey, data: Buffer.of() })
    )
    const expected = records.map(record => String(hashKeyOf(record.partitionKey, record.explicitHashKey)))
    check.compare(await ask({ hashKeys: true, records }), expected, { records: records.length })
  }
  return check.result()
}
