// KCL reads what we write, as a stream would bring it: aggregated records with plain ones between them.
import { Check } from '../lib/check.mjs'
import { plain, read, unplaced, write } from '../lib/ours.mjs'
import { randomSets } from '../lib/sets.mjs'

export async function reads(ask, count) {
  const own = new Check('we read ours')
  const check = new Check('reads ours')
  for (const set of randomSets(count, 1)) {
    const truth = set.map(plain)
    const single = { ...plain(set[0]), sequenceNumber: '1' }
    const records = [single, ...write(set), { ...single, sequenceNumber: '2' }]
    const expected = read(records)
    // The hash key with which a plain record was put is not in it.
    const bare = plain({ ...set[0], explicitHashKey: undefined })
    own.compare(expected.map(unplaced), [bare, ...truth, bare])
    check.compare(await ask({ records }), expected, { records: truth.length })
  }
  return check.result()
}
