// The Python module of the reference.
import { installPython, versionIn } from '../lib/install.mjs'
import { checkProgram } from '../lib/module-check.mjs'

const FIRST_HASH_KEY = 'a record without a hash key gets the first hash key of its aggregate'

export const about = {
  peer: 'Python module',
  package: 'aws_kinesis_agg',
  version: versionIn('python/requirements.txt', /^aws_kinesis_agg==(.+)$/m)
}

export function check(count) {
  return checkProgram(installPython().command, {
    count,
    expectRead: readWithoutPresence,
    readFaults: [FIRST_HASH_KEY]
  })
}

/** It reads an index that is not there as 0, as soon as the table has an entry. */
export function readWithoutPresence(truth) {
  const first = truth.find(record => record.explicitHashKey !== undefined)?.explicitHashKey
  if (first === undefined || truth.every(record => record.explicitHashKey !== undefined)) {
    return { outcome: truth }
  }
  return { outcome: truth.map(record => ({ explicitHashKey: first, ...record })), because: FIRST_HASH_KEY }
}
