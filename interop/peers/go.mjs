// The Go module of the reference. It only deaggregates; we read what its protobuf messages encode.
import { installGo, versionIn } from '../lib/install.mjs'
import { checkProgram } from '../lib/module-check.mjs'

const NO_HASH_KEY = 'its user records have no place for a hash key'

export const about = {
  peer: 'Go module',
  package: 'github.com/awslabs/kinesis-aggregation/go/v2',
  version: versionIn('go/go.mod', /kinesis-aggregation\/go\/v2 (\S+)/)
}

export function check(count) {
  return checkProgram(installGo().command, {
    count,
    place: (record, { sequenceNumber }) => ({ ...record, sequenceNumber }),
    expectRead,
    readFaults: [NO_HASH_KEY]
  })
}

function expectRead(truth) {
  const outcome = truth.map(({ partitionKey, data }) => ({ partitionKey, data }))
  const lost = truth.some(record => record.explicitHashKey !== undefined)
  return lost ? { outcome, because: NO_HASH_KEY } : { outcome }
}
