// The Kinesis Client Library: what its own AggregatorUtil makes of our records.
import { installJava, versionIn } from '../lib/install.mjs'
import { Peer } from '../lib/peer.mjs'
import { damaged } from '../kcl/damaged.mjs'
import { hashKeys } from '../kcl/hash-keys.mjs'
import { ranges } from '../kcl/ranges.mjs'
import { reads } from '../kcl/reads.mjs'
import { shardedAggregates, unshardedAggregates } from '../kcl/shards.mjs'
import { vectors } from '../kcl/vectors.mjs'

export const about = {
  peer: 'KCL',
  package: 'software.amazon.kinesis:amazon-kinesis-client',
  version: versionIn('jvm/kcl/pom.xml', /amazon-kinesis-client<\/artifactId>\s*<version>(.+?)</)
}

export async function check(count) {
  const peer = new Peer(installJava('kcl').command)
  const ask = request => peer.ask(request)
  const results = []
  try {
    for (const part of [reads, vectors, damaged, hashKeys, ranges, unshardedAggregates, shardedAggregates]) {
      results.push(await part(ask, count))
    }
  } finally {
    await peer.end()
  }
  return results
}
