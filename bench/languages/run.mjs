// Reads the same aggregated records with this package and with those of other languages, in turn.
//
//   node bench/languages/run.mjs                    writes bench/results/languages.json; about 2 minutes
//   node bench/languages/run.mjs --quick            short samples; writes nothing unless --json says where
//   node bench/languages/run.mjs --only kinesis-agg  some of them, by a pattern; needs none of what the others need
//
// Each program runs in a process of its own and measures its own CPU time, of all its threads. All get one sample each
// before the first of them gets its next, so that whatever slows the machine down slows all of them.
import fs from 'node:fs'
import os from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { installGo, installJava, installPython, versionIn } from '../../interop/lib/install.mjs'
import { Peer } from '../../interop/lib/peer.mjs'
import { SHAPES, aggregatedRecord, event } from '../corpus.mjs'
import { PEER_VERSION } from '../contenders.mjs'
import { environment } from '../facts.mjs'
import { spread } from '../measure.mjs'
import { broken } from './broken.mjs'

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean' }, json: { type: 'string' }, only: { type: 'string' } }
})
// The first samples are for the compilers of JavaScript and Java.
const { milliseconds, warmups, rounds } = options.quick
  ? { milliseconds: 20, warmups: 0, rounds: 1 }
  : { milliseconds: 500, warmups: 3, rounds: 5 }

const nodePeer = fileURLToPath(new URL('node-peer.mjs', import.meta.url))
const node = (name, settings) => ({ command: [process.execPath, nodePeer, name], settings })

const PROGRAMS = [
  {
    name: 'kinesis-agg',
    version: 'this one',
    takes: 'base64',
    start: () => node('kinesis-agg', { KINESIS_AGG_CODEC: 'native' })
  },
  {
    name: 'kinesis-agg as WebAssembly',
    version: 'this one',
    takes: 'base64',
    start: () => node('kinesis-agg', { KINESIS_AGG_CODEC: 'wasm' })
  },
  { name: 'aws-kinesis-agg', version: PEER_VERSION, takes: 'base64', start: () => node('aws-kinesis-agg') },
  {
    name: "KCL's AggregatorUtil, Java",
    version: versionIn('jvm/kcl/pom.xml', /amazon-kinesis-client<\/artifactId>\s*<version>(.+?)</),
    takes: 'bytes',
    start: () => installJava('kcl')
  },
  {
    name: 'amazon-kinesis-deaggregator, Java',
    version: versionIn('jvm/aggregation/pom.xml', /deaggregator<\/artifactId>\s*<version>(.+?)</),
    takes: 'bytes',
    start: () => installJava('aggregation')
  },
  {
    name: 'kinesis-aggregation, Go',
    version: versionIn('go/go.mod', /kinesis-aggregation\/go\/v2 (\S+)/),
    takes: 'bytes',
    start: installGo
  },
  {
    name: 'aws_kinesis_agg, Python',
    version: versionIn('python/requirements.txt', /^aws_kinesis_agg==(.+)$/m),
    takes: 'base64',
    start: installPython
  }
].filter(({ name }) => new RegExp(options.only ?? '').test(name))

const recordOf = ({ partitionKey, sequenceNumber, data }) => ({ partitionKey, sequenceNumber, data })
const one = shape => {
  const { record, inputs } = aggregatedRecord(SHAPES[shape])
  return { records: [recordOf(record)], userRecords: inputs.length }
}
const many = size => {
  const { records, batches } = event(size)
  return {
    records: records.map(({ kinesis }) => recordOf(kinesis)),
    userRecords: batches.flatMap(({ inputs }) => inputs).length
  }
}
const CORPORA = {
  'one record of 500 × 100 B': one('100Bx500'),
  'one record of 900 × 1 KB': one('1KBx900'),
  'an event of 100 records of 100 × 300 B': many(300)
}

/** What a program makes of a broken aggregate of two user records. */
async function fateOf(peer, record) {
  const answer = await peer.ask({ records: [record] })
  if ('error' in answer) return 'error'
  return { 0: 'lost', 1: 'handed on whole', 2: 'read' }[answer.length] ?? `${answer.length} records`
}

/** Nanoseconds of one user record. */
async function sample(peer, { records, userRecords }) {
  const timing = await peer.ask({ records, milliseconds })
  if (timing.error !== undefined) throw new Error(timing.error)
  if (timing.records !== timing.iterations * userRecords) throw new Error(`read ${timing.records} records`)
  return timing.nanoseconds / timing.records
}

const running = PROGRAMS.map(({ start, ...about }) => {
  const { command, settings } = start()
  return { about, peer: new Peer(command, settings) }
})
const programs = []
try {
  for (const { about, peer } of running) {
    const found = {}
    for (const [what, record] of Object.entries(broken())) found[what] = await fateOf(peer, record)
    programs.push({ ...about, broken: found, nanoseconds: {} })
  }
  for (const [what, corpus] of Object.entries(CORPORA)) {
    const taken = running.map(() => [])
    for (let round = -warmups; round < rounds; round++) {
      for (const [i, { peer }] of running.entries()) {
        const nanoseconds = await sample(peer, corpus)
        if (round >= 0) taken[i].push(nanoseconds)
      }
    }
    for (const [i, program] of programs.entries()) {
      const { median, q1, q3 } = spread(taken[i])
      program.nanoseconds[what] = {
        median: Math.round(median),
        q1: Math.round(q1),
        q3: Math.round(q3)
      }
      console.log(`${what}: ${program.name} ${Math.round(median)} ns`)
    }
  }
} finally {
  await Promise.all(running.map(({ peer }) => peer.end()))
}

const file =
  options.json ??
  (options.quick || options.only ? undefined : new URL('../results/languages.json', import.meta.url))
if (file !== undefined) {
  const result = { schema: 1, ...environment(), loadAverage: os.loadavg()[0], programs }
  fs.writeFileSync(file, `${JSON.stringify(result, null, 1)}\n`)
}
