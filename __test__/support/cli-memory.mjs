// Pipes so many MiB of `aws kinesis get-records` JSON through `decode --json` and its output through `encode`,
// and prints as JSON how much memory each took. `node __test__/support/cli-memory.mjs 1024`
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { aggregate } from 'kinesis-agg'

const MIB = 1024 * 1024
const here = dirname(fileURLToPath(import.meta.url))
const total = Number(process.argv[2]) * MIB

const userRecords = Array.from({ length: 300 }, (_, i) => ({
  partitionKey: `key-${i}`,
  data: `${i}`.repeat(900)
}))
const [encoded] = aggregate(userRecords)
const record = JSON.stringify({
  SequenceNumber: '49657012345678901234567890123456789012345678900000000001',
  Data: encoded?.data.toString('base64'),
  PartitionKey: encoded?.partitionKey
})
const records = Math.ceil(total / record.length)

function* getRecords() {
  yield '{"Records":['
  for (let i = 0; i < records; i++) yield i === 0 ? record : `,${record}`
  yield '],"NextShardIterator":"AAAA","MillisBehindLatest":0}'
}

/** @param {string[]} args */
const start = args =>
  spawn(
    process.execPath,
    ['-r', join(here, 'print-rss.cjs'), join(here, '..', '..', 'dist', 'cli.js'), ...args],
    {
      stdio: ['pipe', 'pipe', 'pipe']
    }
  )

/** @param {ReturnType<typeof start>} child */
async function rssOf(child) {
  let said = ''
  child.stderr.on('data', chunk => (said += chunk))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`exit ${code}: ${said}`)
  return Number(/^rss (.*)$/m.exec(said)?.[1])
}

const decode = start(['decode', '--json', '-'])
const encode = start(['encode'])
let lines = 0
let calls = 0
const rss = Promise.all([rssOf(decode), rssOf(encode)])
await Promise.all([
  pipeline(Readable.from(getRecords()), decode.stdin),
  pipeline(
    decode.stdout,
    async function* (chunks) {
      for await (const chunk of chunks) {
        for (const byte of chunk) if (byte === 10) lines++
        yield chunk
      }
    },
    encode.stdin
  ),
  (async () => {
    for await (const chunk of encode.stdout) for (const byte of chunk) if (byte === 10) calls++
  })()
])
const [decodeMiB, encodeMiB] = await rss
if (lines !== records * userRecords.length) throw new Error(`${lines} lines`)
console.log(JSON.stringify({ records, userRecords: lines, calls, decodeMiB, encodeMiB }))
