// KCL reads the format's vectors as we do with onInvalid: 'passthrough', but for a few that it loses.
import { readFileSync } from 'node:fs'
import { vectors as fixtures } from '../../__test__/fixtures/vectors.cjs'
import { Check } from '../lib/check.mjs'
import { plain, read, unplaced } from '../lib/ours.mjs'

export const DROPS_REST = 'KCL drops a user record that names a key that is not there, and all after it'
export const NO_HASH_KEY = 'KCL drops a user record whose hash key is no number, and all after it'
const CUT = 'KCL cuts indexes to 32 bits'

/** How many user records KCL finds in vectors that it reads in its own way. */
const PECULIAR = {
  'names of object members as hash keys': [0, NO_HASH_KEY],
  'key index outside the table': [1, DROPS_REST],
  'key index 2^64-1': [0, DROPS_REST],
  'key index 2^32': [1, CUT],
  'hash key index outside the table': [0, DROPS_REST],
  'hash key index with no table': [0, DROPS_REST],
  'hash key index 2^32-1': [0, DROPS_REST],
  'the key table has the wrong wire type': [0, DROPS_REST]
}

/** What it finds, if it finds one in those. */
const FOUND = { partitionKey: 'wqiyqykc', data: '5Xd4RnQ=' }

const { vectors: ofKpl } = JSON.parse(readFileSync(new URL('../vectors/kpl.json', import.meta.url), 'utf8'))

export async function vectors(ask) {
  const check = new Check('reads the vectors of the format and of the KPL')
  for (const { name, record, expect } of [...fixtures, ...ofKpl]) {
    const records = [{ partitionKey: 'outer', data: record, sequenceNumber: '7' }]
    const ours = read(records, { onInvalid: 'passthrough' })
    const whole = expect.kind === 'records' ? expect.records.map(fromVector) : [{ ...records[0] }]
    new Check(name).compare(ours.map(unplaced), whole.map(unplaced))
    const theirs = await ask({ records })
    if (name in PECULIAR) {
      const [found, because] = PECULIAR[name]
      check.compare(
        theirs.map(unplaced),
        Array.from({ length: found }, () => FOUND),
        { records: found, because }
      )
    } else {
      check.compare(theirs, ours, { records: ours.length })
    }
  }
  check.expectDifferences(DROPS_REST, NO_HASH_KEY, CUT)
  return check.result()
}

const fromVector = ({ partitionKey, explicitHashKey, data }) =>
  plain({ partitionKey, explicitHashKey: explicitHashKey ?? undefined, data: Buffer.from(data, 'base64') })
