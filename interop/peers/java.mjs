// The Java modules of the reference.
import { hashKeyOf } from 'kinesis-agg'
import { installJava, versionIn } from '../lib/install.mjs'
import { checkProgram } from '../lib/module-check.mjs'

const MADE_HASH_KEY = 'a record without a hash key is written with the MD5 of its partition key as one'

export const about = {
  peer: 'Java modules',
  package: 'com.amazonaws:amazon-kinesis-aggregator, -deaggregator',
  version: versionIn('jvm/aggregation/pom.xml', /deaggregator<\/artifactId>\s*<version>(.+?)</)
}

export function check(count) {
  return checkProgram(installJava('aggregation').command, {
    count,
    expectWritten,
    writeFaults: [MADE_HASH_KEY]
  })
}

function expectWritten(truth) {
  if (truth.every(record => record.explicitHashKey !== undefined)) return { outcome: truth }
  const outcome = truth.map(record => ({
    explicitHashKey: String(hashKeyOf(record.partitionKey)),
    ...record
  }))
  return { outcome, because: MADE_HASH_KEY }
}
