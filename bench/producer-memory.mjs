/**
 * Memory that the producer takes while Kinesis does not answer, over what it has when warm and empty.
 *
 *     node bench/producer-memory.mjs [--pending MiB] [--only REGEX]
 *
 * Each cell runs in a process of its own: records are delivered until the producer is warm, then the client holds every
 * request, and records are taken until so many bytes are pending. Bytes pending are counted as `maxPendingBytes` does: key,
 * data and 64 a record.
 */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { producerProblem, producers } from './contenders.mjs'
import { userRecords } from './corpus.mjs'
import { InstantClient, STREAM, evenly } from './producer-rows.mjs'

if (producerProblem !== null) throw new Error(`the producer is not there: ${producerProblem}`)

const MIB = 1024 * 1024

/**
 * How much a cell may take: a multiple of the bytes pending, bytes a record, and a constant.
 * @param {string} method
 * @param {number} shards
 */
function limitOf(method, shards) {
  return { times: shards <= 64 ? 1.4 : 2, perRecord: method === 'put' ? 256 : 0, constant: 20 * MIB }
}

class MuteClient extends InstantClient {
  mute = false

  /** @override @param {any} command */
  async send(command) {
    if (this.mute && command.constructor.name === 'PutRecordsCommand') await new Promise(() => undefined)
    return super.send(command)
  }
}

/** @param {() => void} gc */
async function settledRss(gc) {
  for (let i = 0; i < 3; i++) {
    gc()
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  return process.memoryUsage.rss()
}

/** @param {'write' | 'put'} method @param {number} size @param {number} shards @param {number} wanted */
async function measureCell(method, size, shards, wanted) {
  const gc = /** @type {() => void} */ (globalThis.gc)
  const client = new MuteClient(evenly(shards))
  const limits = {
    maxPendingBytes: 4 * wanted,
    maxPendingRecords: 1e8,
    recordTtlMs: Infinity,
    requestTimeoutMs: 600_000
  }
  const producer = new producers.KinesisProducer({ client, stream: STREAM, ...limits })
  const inputs = userRecords({ size, count: 20_000, keys: 1000 })
  const take = (/** @type {any} */ input) => {
    if (method === 'write') producer.write(input)
    // None is ever settled once the client is mute: what a caller keeps of it is the caller's.
    else producer.put(input)
  }
  for (let i = 0; i < 3; i++) {
    for (const input of inputs) take(input)
    await producer.flush()
  }
  const before = await settledRss(gc)
  client.mute = true
  let pending = 0
  let records = 0
  for (let turn = 0; pending < wanted; turn++) {
    for (let i = 0; i < 500 && pending < wanted; i++) {
      const input = inputs[records++ % inputs.length]
      take(input)
      pending += input.partitionKey.length + input.data.length + 64
    }
    await new Promise(resolve => setImmediate(resolve))
  }
  const grown = (await settledRss(gc)) - before
  console.log(JSON.stringify({ pending, records, grown }))
  // Nothing that is pending will ever be answered.
  process.exit()
}

if (process.argv[2] === '--cell') {
  const [method, size, shards, wanted] = process.argv.slice(3)
  await measureCell(/** @type {'write' | 'put'} */ (method), Number(size), Number(shards), Number(wanted))
}

const { values: options } = parseArgs({
  options: { pending: { type: 'string', default: '64' }, only: { type: 'string', default: '' } }
})
const wanted = Number(options.pending) * MIB
let missed = 0
for (const method of ['write', 'put']) {
  for (const size of [100, 1024]) {
    for (const shards of [1, 4, 64, 1000]) {
      const name = `${method}, ${size} B, ${shards} shards`
      if (!new RegExp(options.only).test(name)) continue
      const args = [
        '--expose-gc',
        fileURLToPath(import.meta.url),
        '--cell',
        method,
        `${size}`,
        `${shards}`,
        `${wanted}`
      ]
      const { pending, records, grown } = JSON.parse(
        execFileSync(process.execPath, args, { encoding: 'utf8' })
      )
      const { times, perRecord, constant } = limitOf(method, shards)
      const limit = times * pending + perRecord * records + constant
      if (grown > limit) missed++
      const mib = (/** @type {number} */ bytes) => (bytes / MIB).toFixed(0).padStart(4)
      console.log(
        `${name.padEnd(28)} pending ${mib(pending)} MiB, grown ${mib(grown)} MiB, limit ${mib(limit)} MiB ${grown > limit ? '✗' : '✓'}`
      )
    }
  }
}
process.exitCode = missed > 0 ? 1 : 0
