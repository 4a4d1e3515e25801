// Mixed work for a long time: whatever comes in, memory stays flat. Prints its figures; fails if the median RSS of
// the last third is more than 10 % above that of the first third after the warm-up.
//
//   node scripts/soak.mjs [--seconds 600]    `npm run soak`; 30 in .ci/run
//   node scripts/soak.mjs --rounds 2    each kind of work so many times, for valgrind; memory is not looked at
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Worker, isMainThread } from 'node:worker_threads'

const require = createRequire(import.meta.url)
const kinesisAgg = require('kinesis-agg')
const { AggregatedRecord } = require('kinesis-agg/lib/common')
const {
  RecordAggregator,
  ShardMap,
  ShardedAggregator,
  aggregate,
  aggregateStream,
  deaggregate,
  deaggregateStream,
  deaggregateSync,
  iterateUserRecords,
  processEvent,
  putRecordsBatches
} = kinesisAgg

const GROWTH = 1.1

let seed = 1
/** From 0, below `end`; the same on every run (mulberry32). */
function below(end) {
  seed = (seed + 0x6d2b79f5) >>> 0
  let t = Math.imul(seed ^ (seed >>> 15), seed | 1)
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
  return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * end)
}

const userRecords = (count, size) =>
  Array.from({ length: count }, (_, i) => ({
    partitionKey: `device-${below(count)}`,
    ...(i % 3 === 0 ? { explicitHashKey: String(below(2 ** 32)) } : {}),
    data: Buffer.alloc(below(size), i)
  }))
const lambda = data => ({
  kinesis: { data, partitionKey: 'outer', sequenceNumber: String(below(2 ** 32)) }
})
const seal = message =>
  Buffer.concat([Buffer.from('f3899ac2', 'hex'), message, createHash('md5').update(message).digest()])

function check(condition, what) {
  if (!condition) throw new Error(`soak: ${what}`)
}

/** Runs `work`, which has to throw; an error that cannot be told from a crash is none. */
function refused(work, code) {
  try {
    work()
  } catch (error) {
    check(error.code === code, `${error.code} instead of ${code}`)
    return
  }
  check(false, `no ${code}`)
}

const shards = new ShardMap([
  { ShardId: 'a', HashKeyRange: { StartingHashKey: '0', EndingHashKey: String(2n ** 127n - 1n) } },
  {
    ShardId: 'b',
    HashKeyRange: { StartingHashKey: String(2n ** 127n), EndingHashKey: String(2n ** 128n - 1n) }
  }
])
const emptyEntries = seal(Buffer.alloc(400_000, Buffer.from([0x0a, 0])))

/** Each returns how many user records went through. */
const work = {
  'round trip, views': () => {
    const records = userRecords(200, 400)
    const found = deaggregateSync(aggregate(records).map(({ data }) => lambda(data)))
    check(found.length === records.length, 'records are missing')
    return records.length
  },
  'round trip, base64 and callbacks': () => {
    const records = userRecords(100, 300)
    let count = 0
    for (const { data } of aggregate(records)) {
      const { kinesis } = lambda(data.toString('base64'))
      deaggregate(
        kinesis,
        true,
        () => count++,
        () => {}
      )
      deaggregateSync(kinesis, true, (error, found) => check(!error && found.length > 0, 'nothing found'))
    }
    check(count === records.length, 'records are missing')
    return count
  },
  'aggregator, many small limits': () => {
    const aggregator = new RecordAggregator({ maxSize: 5000 })
    const encoded = []
    for (const record of userRecords(300, 100)) {
      const full = aggregator.push(record)
      if (full !== undefined) encoded.push(full)
    }
    encoded.push(aggregator.flush())
    return putRecordsBatches(encoded).flat().length
  },
  'sharded aggregator': () => {
    const aggregator = new ShardedAggregator(shards, { maxSize: 51_200 })
    for (const record of userRecords(200, 200)) aggregator.push(record)
    return aggregator.flush().length
  },
  giants: () => {
    const records = userRecords(20, 200_000)
    const encoded = aggregate(records, { maxSize: 10 * 1024 * 1024 })
    check(deaggregateSync(encoded.map(({ data }) => lambda(data.toString('base64')))).length === 20, 'giants')
    return 20
  },
  'lazily, one thrown away': () => {
    const encoded = aggregate(userRecords(100, 100)).map(({ data }) => lambda(data))
    const [first] = iterateUserRecords(encoded)
    check(first.aggregated, 'not aggregated')
    return 1
  },
  'wrong checksums': () => {
    const [{ data }] = aggregate(userRecords(20, 100))
    data[data.length - 1] ^= 1
    refused(() => deaggregateSync(lambda(data)), 'ERR_INVALID_CHECKSUM')
    check(deaggregateSync(lambda(data), { onInvalid: 'passthrough' }).length === 1, 'not passed through')
    return 1
  },
  'hostile records': () => {
    refused(() => deaggregateSync(lambda(seal(Buffer.alloc(100_000, 0x2b)))), 'ERR_MALFORMED_RECORD')
    refused(
      () => deaggregateSync(lambda(seal(Buffer.alloc(below(50_000) + 1, 0x80)))),
      'ERR_MALFORMED_RECORD'
    )
    check(deaggregateSync(lambda(emptyEntries)).length === 0, 'records out of nothing')
    return 0
  },
  'records that cannot be aggregated': () => {
    const aggregator = new RecordAggregator({ maxSize: 1000 })
    aggregator.push({ partitionKey: 'key', data: 'data' })
    refused(() => aggregator.push({ partitionKey: 'key', data: Buffer.alloc(2000) }), 'ERR_RECORD_TOO_LARGE')
    refused(() => aggregator.push({ partitionKey: 'key' }), 'ERR_MISSING_DATA')
    check(aggregator.flush().data.length > 0, 'what was buffered is lost')
    return 1
  },
  'the message by its fields': () => {
    const [{ data }] = aggregate(userRecords(20, 50))
    const message = AggregatedRecord.decode(data.subarray(4, -16))
    check(AggregatedRecord.encode(message).finish().equals(data.subarray(4, -16)), 'not the same message')
    return 20
  },
  streams: async () => {
    const source = aggregateStream({ maxSize: 5000 })
    const sink = source.pipe(deaggregateStream())
    const records = userRecords(100, 100)
    for (const record of records) source.write(record)
    source.end()
    let count = 0
    // What comes out of the one goes into the other as `{ data }`.
    for await (const record of sink) count += record.aggregated ? 1 : 0
    check(count === records.length, 'a stream lost records')
    return count
  },
  'a Lambda event with a failing handler': async () => {
    const Records = aggregate(userRecords(50, 50)).map(({ data }) => lambda(data.toString('base64')))
    const fails = () => {
      throw new Error('on purpose')
    }
    const { batchItemFailures } = await processEvent({ Records }, fails, { onFailure: () => {} })
    check(batchItemFailures.length === 1, 'no failure was reported')
    return 50
  }
}

async function main() {
  const { values } = parseArgs({
    options: { seconds: { type: 'string', default: '600' }, rounds: { type: 'string' } }
  })
  const kinds = Object.entries(work)
  if (values.rounds !== undefined) {
    for (let i = 0; i < Number(values.rounds); i++) for (const [, run] of kinds) await run()
    await oneWorker()
    console.log(`${values.rounds} rounds of ${kinds.length} kinds of work, and a worker`)
    return
  }
  const seconds = Number(values.seconds)
  if (!(seconds >= 10)) throw new Error('--seconds takes a number from 10')
  if (process.env['MALLOC_ARENA_MAX'] === undefined) {
    runWithPlainMalloc()
    return
  }
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc')
  const warmUp = Math.max(5, seconds / 5)
  const start = performance.now()
  const now = () => (performance.now() - start) / 1000
  const samples = []
  let [records, rounds, workers, nextSample, nextWorker] = [0, 0, 0, 1, 0]
  while (now() < seconds) {
    for (const [, run] of kinds) records += await run()
    rounds++
    if (now() >= nextWorker) {
      await oneWorker()
      workers++
      nextWorker = now() + 5
    }
    if (now() >= nextSample) {
      gc()
      // The memory of collected Buffers is freed in the background.
      await setTimeout(50)
      gc()
      samples.push({ at: now(), ...process.memoryUsage() })
      nextSample = now() + 1
    }
  }
  report(
    samples.filter(({ at }) => at >= warmUp),
    { records, rounds, workers, seconds, warmUp }
  )
}

function oneWorker() {
  const worker = new Worker(fileURLToPath(import.meta.url))
  return new Promise((resolve, reject) => worker.once('exit', resolve).once('error', reject))
}

const median = list => list.toSorted((a, b) => a - b)[list.length >> 1]
const mb = bytes => `${(bytes / 1e6).toFixed(1)} MB`

function report(samples, { records, rounds, workers, seconds, warmUp }) {
  const third = Math.ceil(samples.length / 3)
  const of = (list, name) => median(list.map(sample => sample[name]))
  console.log(
    `${seconds} s, ${rounds} rounds of ${Object.keys(work).length} kinds of work, ${records} user records,` +
      ` ${workers} workers, Node.js ${process.version}; after ${warmUp} s of warm-up, each after a collection:`
  )
  for (const name of ['rss', 'heapUsed', 'external', 'arrayBuffers']) {
    const [first, last] = [of(samples.slice(0, third), name), of(samples.slice(-third), name)]
    const most = Math.max(...samples.map(sample => sample[name]))
    console.log(`${name}: first third ${mb(first)}, last third ${mb(last)}, most ${mb(most)}`)
  }
  const growth = of(samples.slice(-third), 'rss') / of(samples.slice(0, third), 'rss')
  console.log(`RSS ${growth > 1 ? 'grew' : 'fell'} by ${(Math.abs(growth - 1) * 100).toFixed(1)} %`)
  if (growth > GROWTH) {
    console.error('That is a leak.')
    process.exitCode = 1
  }
}

/**
 * glibc keeps freed memory, in an arena for each thread, which makes RSS go up and down by a fifth. These settings make
 * it give back what is freed, so that what grows is what somebody holds on to.
 */
const GLIBC = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '65536',
  MALLOC_TRIM_THRESHOLD_: '65536'
}

function runWithPlainMalloc() {
  const { status } = spawnSync(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, ...GLIBC }
  })
  process.exitCode = status ?? 1
}

if (isMainThread) await main()
else for (const name of ['round trip, views', 'hostile records']) work[name]()
