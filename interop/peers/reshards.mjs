// Our producer and the KPL, in turn, put records under load while the stream's shards split and merge; KCL judges what
// was stored, each Kinesis record with the range of its shard.
import { pathToFileURL } from 'node:url'
import { KinesisProducer } from 'kinesis-agg/producer'
import { bundleSupport } from '../../scripts/test-support.mjs'
import { Check } from '../lib/check.mjs'
import { installJava, kplVersion } from '../lib/install.mjs'
import { Peer } from '../lib/peer.mjs'
import { about as kcl } from './kcl.mjs'

export const about = {
  peer: 'KCL, across reshards',
  package: kcl.package,
  version: kcl.version
}

const STREAM = 'events'
const SHARDS = 3
const KEYS = 200
/** Batches are put one after the other, each while the one before is in flight. */
const BATCH = 100
const BATCH_MS = 100

export async function check(count, { quick }) {
  // 1,000 sets: 20 s of load; 100 sets: 4 s, and as many reshards.
  const batches = count >= 1000 ? 200 : 40
  const support = await import(pathToFileURL(await bundleSupport('endpoint')).href)
  const judge = new Peer(installJava('kcl').command)
  try {
    const checks = [await ours(support, judge, batches)]
    for (const name of quick ? ['kpl'] : ['kpl', 'kpl-1.0']) {
      checks.push(await theirs(support, judge, batches, name))
    }
    return checks
  } finally {
    await judge.end()
  }
}

async function ours({ Endpoint }, judge, batches) {
  const check = new Check('reads what our producer put across splits and merges')
  const run = await start(Endpoint)
  const producer = new KinesisProducer({ client: run.client(), stream: STREAM })
  try {
    const results = await load(run, batches, records =>
      Promise.all(records.map(({ key, data }) => producer.put({ partitionKey: key, data })))
    )
    const seen = await readByKcl(judge, run.endpoint.stream(STREAM), check)
    const counts = countFaults(results, seen)
    // What is promised: nothing lost, keys in order, and whatever KCL sees twice was said to be.
    check.compare(
      { ...counts, repeated: counts.repeated - counts.said },
      { lost: 0, repeated: 0, said: counts.said, disordered: 0 }
    )
    return check.result({ lost: counts.lost, repeated: counts.repeated })
  } finally {
    await producer.close()
    await run.endpoint.stop()
  }
}

/** What is found is what is said. */
async function theirs({ Endpoint }, judge, batches, name) {
  const check = new Check(`reads what the KPL ${kplVersion(name)} put across splits and merges`)
  const run = await start(Endpoint)
  const { command, work } = installJava(name, 'Peer', 'kpl')
  const producer = new Peer([...command, new URL(run.url).port, work])
  try {
    const results = await load(run, batches, async records => {
      const answer = await producer.ask({
        stream: STREAM,
        records: records.map(({ key, data }) => ({
          partitionKey: key,
          data: Buffer.from(data).toString('base64')
        }))
      })
      if (!Array.isArray(answer)) throw new Error(`the KPL: ${JSON.stringify(answer)}`)
      return answer
    })
    const seen = await readByKcl(judge, run.endpoint.stream(STREAM), check)
    const { lost, repeated } = countFaults(results, seen)
    return check.result({ lost, repeated })
  } finally {
    await producer.end()
    await run.endpoint.stop()
  }
}

async function start(Endpoint) {
  const endpoint = new Endpoint({ [STREAM]: { shards: SHARDS } })
  endpoint.faults.PutRecords = async (call, store) => {
    await later(20 + ((call.number * 37) % 100))
    const answer = await store()
    await later(20 + ((call.number * 53) % 100))
    return answer
  }
  return { endpoint, ...(await endpoint.listen({ tls: true })) }
}

const later = ms => new Promise(resolve => setTimeout(resolve, ms))

/** Puts batches; every shard splits after a quarter, neighbours merge at half, and all split again. */
async function load({ endpoint }, batches, put) {
  const stream = endpoint.stream(STREAM)
  const splitAll = () => stream.openShards.forEach(({ id }) => stream.split(id))
  const mergeAll = () => {
    for (const { id } of stream.openShards.filter((_, i) => i % 2 === 0)) stream.merge(id)
  }
  const reshards = { 0.25: splitAll, 0.5: mergeAll, 0.75: splitAll }
  const puts = []
  await put([{ key: 'warm', data: '-1:' }])
  for (let i = 0; i < batches; i++) {
    reshards[i / batches]?.()
    puts.push(
      put(
        Array.from({ length: BATCH }, (_, j) => {
          const id = i * BATCH + j
          return { key: `key-${id % KEYS}`, data: `${id}:`.padEnd(150, '.') }
        })
      )
    )
    await later(BATCH_MS)
  }
  return (await Promise.all(puts)).flat()
}

/** @returns the numbers of the user records that KCL hands out, in the order of storing, by key */
async function readByKcl(judge, stream, check) {
  const seen = new Map()
  for (const { shard, sequenceNumber, partitionKey, data } of stream.records) {
    const userRecords = await judge.ask({
      records: [{ partitionKey, sequenceNumber, data: data.toString('base64') }],
      range: [String(shard.startingHashKey), String(shard.endingHashKey)]
    })
    check.cases += 1
    check.records += userRecords.length
    for (const { partitionKey: key, data: text } of userRecords) {
      const id = Number.parseInt(Buffer.from(text, 'base64').toString('latin1'), 10)
      if (id >= 0) seen.set(key, [...(seen.get(key) ?? []), id])
    }
  }
  return seen
}

function countFaults(results, seen) {
  const times = new Map()
  let disordered = 0
  for (const ids of seen.values()) {
    let highest = -1
    for (const id of new Set(ids)) {
      if (id < highest) disordered += 1
      highest = Math.max(highest, id)
    }
    for (const id of ids) times.set(id, (times.get(id) ?? 0) + 1)
  }
  const counts = { lost: 0, repeated: 0, said: 0, disordered }
  for (const [id, { maybeDuplicated }] of results.entries()) {
    if (!times.has(id)) counts.lost += 1
    if (times.get(id) > 1) {
      counts.repeated += 1
      if (maybeDuplicated) counts.said += 1
    }
  }
  return counts
}
