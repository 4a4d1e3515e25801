// What each writer of aggregates makes of the same sets, with the partition key under which it puts them: vectors for
// tests that tell writers apart. Writes vectors/writers.json. Needs what run.mjs needs, but Go.
//
//   node interop/writers.mjs
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { KinesisClient } from '@aws-sdk/client-kinesis'
import { isAggregated } from 'kinesis-agg'
import { startKinesis } from '../scripts/kinesis-local.mjs'
import { Streams } from './kpl/streams.mjs'
import { installJava, installPython } from './lib/install.mjs'
import { plain } from './lib/ours.mjs'
import { Peer } from './lib/peer.mjs'
import { about as java } from './peers/java.mjs'
import { about as kpl } from './peers/kpl.mjs'
import { about as node } from './peers/node.mjs'
import { about as python } from './peers/python.mjs'

const FILE = new URL('vectors/writers.json', import.meta.url)

const HASH_KEY = '12345678901234567890'

const record = (partitionKey, i, explicitHashKey) =>
  plain({ partitionKey, data: Buffer.from(`data ${i}`), ...(explicitHashKey && { explicitHashKey }) })

const SETS = {
  'three keys': ['sensor-1', 'sensor-2', 'sensor-3'].map((key, i) => record(key, i)),
  'a shared key': ['b', 'a', 'b', 'b', 'a'].map((key, i) => record(key, i)),
  'every record with a hash key': ['b', 'c', 'b'].map((key, i) => record(key, i, HASH_KEY)),
  'hash keys on some records': ['b', 'c', 'd'].map((key, i) =>
    record(key, i, i === 1 ? HASH_KEY : undefined)
  ),
  'keys that look like integers': ['2', '1', '3'].map((key, i) => record(key, i))
}

async function ofKpl(sets) {
  const { command, work } = installJava('kpl')
  const kinesis = await startKinesis()
  const client = new KinesisClient(kinesis.clientOptions)
  const peer = new Peer([...command, String(kinesis.tlsPort), work])
  try {
    const streams = new Streams(client, peer)
    await streams.create('writers', 1)
    const written = []
    for (const records of sets) {
      await streams.put('writers', records)
      const read = (await streams.readOn('writers')).map(place => place.record)
      written.push(
        read
          .filter(one => isAggregated(one))
          .map(({ PartitionKey, Data }) => ({ PartitionKey, Data: Buffer.from(Data).toString('base64') }))
      )
    }
    return written
  } finally {
    await peer.end()
    client.destroy()
    await kinesis.stop()
  }
}

async function ofProgram({ command }, sets) {
  const peer = new Peer(command)
  try {
    const written = []
    for (const records of sets) written.push((await peer.ask({ write: true, records })).map(asPut))
    return written
  } finally {
    await peer.end()
  }
}

function ofNode(sets) {
  const { RecordAggregator } = createRequire(import.meta.url)('aws-kinesis-agg')
  return sets.map(records => {
    const aggregator = new RecordAggregator()
    for (const { data, ...keys } of records)
      aggregator.addUserRecord({ ...keys, data: Buffer.from(data, 'base64') })
    const { partitionKey, data } = aggregator.build()
    return [asPut({ partitionKey, data: data.toString('base64') })]
  })
}

const asPut = ({ partitionKey, data }) => ({ PartitionKey: partitionKey, Data: data })

const sets = Object.values(SETS)
const writers = [
  [kpl, await ofKpl(sets)],
  [java, await ofProgram(installJava('aggregation'), sets)],
  [python, await ofProgram(installPython(), sets)],
  [node, ofNode(sets)]
].map(([{ peer, package: name, version }, written]) => ({
  writer: peer,
  package: name,
  version,
  vectors: Object.keys(SETS).map((set, i) => ({ set, records: written[i] }))
}))
const format = 'Kinesis records that writers of aggregates made of the same user records'
writeFileSync(FILE, `${JSON.stringify({ format, writers }, null, 1)}\n`)
