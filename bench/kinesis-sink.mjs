/**
 * Kinesis as far as a producer's speed needs it, over TLS and in a process of its own: it answers after a delay, and
 * counts. `node kinesis-sink.mjs SHARDS DELAY_MS [keep]`, forked: it sends its port, and its counts when it is asked. With
 * `keep` it stores the records too; asked for 'judge', it says what became of user records that begin with a number.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import fs from 'node:fs'
import { createServer } from 'node:https'
import os from 'node:os'
import path from 'node:path'
import { deaggregateSync } from 'kinesis-agg'

const [shards, delayMs] = process.argv.slice(2).map(Number)
const keep = process.argv[4] === 'keep'
const END = 1n << 128n
/** Kinesis bills in PUT payload units of so many bytes. */
const UNIT = 25 * 1024

const list = Array.from({ length: shards }, (_, i) => ({
  ShardId: `shardId-${String(i).padStart(12, '0')}`,
  HashKeyRange: {
    StartingHashKey: String((END * BigInt(i)) / BigInt(shards)),
    EndingHashKey: String((END * BigInt(i + 1)) / BigInt(shards) - 1n)
  },
  SequenceNumberRange: { StartingSequenceNumber: '1' }
}))
const counts = { requests: 0, kinesisRecords: 0, bytes: 0, units: 0 }
/** @type {{ Data: Buffer, PartitionKey: string }[]} */
const stored = []
let sequenceNumber = 10n ** 50n

/** @param {{ Data: string, PartitionKey: string, ExplicitHashKey?: string }} record */
function store({ Data, PartitionKey, ExplicitHashKey }) {
  const digest = () => `0x${createHash('md5').update(PartitionKey).digest('hex')}`
  const hashKey = BigInt(ExplicitHashKey ?? digest())
  const size = Buffer.byteLength(Data, 'base64')
  counts.kinesisRecords++
  counts.bytes += size
  counts.units += Math.ceil((size + Buffer.byteLength(PartitionKey)) / UNIT)
  if (keep) stored.push({ Data: Buffer.from(Data, 'base64'), PartitionKey })
  const shard = list[Number((hashKey * BigInt(shards)) / END)]
  return { SequenceNumber: String(++sequenceNumber), ShardId: shard.ShardId }
}

/** @param {string} action @param {any} input */
function answer(action, input) {
  switch (action) {
    case 'ListShards':
      return { Shards: list }
    case 'DescribeStreamSummary':
      return {
        StreamDescriptionSummary: {
          StreamName: input.StreamName,
          StreamARN: `arn:aws:kinesis:us-east-1:000000000000:stream/${input.StreamName}`,
          StreamStatus: 'ACTIVE',
          RetentionPeriodHours: 24,
          StreamCreationTimestamp: 1.7e9,
          EnhancedMonitoring: [],
          OpenShardCount: shards,
          MaxRecordSizeInKiB: 1024
        }
      }
    case 'PutRecords':
      counts.requests++
      return { FailedRecordCount: 0, Records: input.Records.map(store) }
    default:
      throw new Error(`not expected: ${action}`)
  }
}

/** How many records there are, how many of them more than once, and how many came after a later one of their key. */
function judge() {
  /** @type {Map<string, number>} */
  const highest = new Map()
  const seen = new Set()
  const verdict = { distinct: 0, repeated: 0, inversions: 0 }
  for (const record of stored) {
    for (const { partitionKey, data } of deaggregateSync({ ...record, SequenceNumber: '1' })) {
      const number = Number.parseInt(data.toString('latin1', 0, 12), 10)
      if (number < 0) continue // Warmed the producer up.
      if (seen.has(number)) {
        verdict.repeated++
        continue
      }
      seen.add(number)
      const before = highest.get(partitionKey) ?? -1
      if (number < before) verdict.inversions++
      else highest.set(partitionKey, number)
    }
  }
  return { ...verdict, distinct: seen.size }
}

/** A key pair for this run; nobody else ever sees it. */
function certificate() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kinesis-sink-'))
  const [key, cert] = ['key.pem', 'cert.pem'].map(name => path.join(folder, name))
  const subject = ['-subj', '/CN=localhost', '-days', '1', '-keyout', key, '-out', cert]
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject], { stdio: 'ignore' })
  const pair = { key: fs.readFileSync(key), cert: fs.readFileSync(cert) }
  fs.rmSync(folder, { recursive: true })
  return pair
}

const server = createServer({ ...certificate(), keepAliveTimeout: 60_000 }, async (request, response) => {
  /** @type {Buffer[]} */
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  const action = String(request.headers['x-amz-target']).split('.')[1]
  const body = JSON.stringify(answer(action, JSON.parse(Buffer.concat(chunks).toString())))
  setTimeout(() => {
    response.writeHead(200, {
      'content-type': 'application/x-amz-json-1.1',
      'content-length': Buffer.byteLength(body)
    })
    response.end(body)
  }, delayMs)
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
process.on('message', message => process.send?.(message === 'judge' ? judge() : counts))
process.on('disconnect', () => process.exit())
process.send?.({ port: /** @type {import('node:net').AddressInfo} */ (server.address()).port })
