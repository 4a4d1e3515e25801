/** docs/producer.md: its table of options, and each of its programs. */
import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readProducerOptions } from '../../src-js/producer/options'

const root = join(__dirname, '..', '..')
const page = readFileSync(join(root, 'docs', 'producer.md'), 'utf8')
const programs = [...page.matchAll(/^```js\n\/\/ ([\w-]+\.mjs)\n(.*?)^```$/gms)].map(
  ([, name, code]) => [name!, code!] as const
)
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kinesis-agg-producer-docs-'))
  mkdirSync(join(folder, 'node_modules', '@aws-sdk'), { recursive: true })
  symlinkSync(root, join(folder, 'node_modules', 'kinesis-agg'), 'junction')
  const sdk = join('node_modules', '@aws-sdk', 'client-kinesis')
  symlinkSync(join(root, sdk), join(folder, sdk), 'junction')
  for (const [name, code] of programs) writeFileSync(join(folder, name), code)
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs lines that may use what the page's program exports, a producer and the fake Kinesis behind it. */
function run(imports: string, lines: string): unknown {
  const file = join(folder, 'run.mjs')
  writeFileSync(
    file,
    `import { KinesisProducer } from 'kinesis-agg/producer'
import { FakeKinesis } from 'kinesis-agg/testing'
${imports}
const kinesis = new FakeKinesis({ streams: { events: { shards: 2 } } })
const producer = new KinesisProducer({ stream: 'events', client: kinesis.client, lingerMs: 10 })
const stored = () => kinesis.records('events').map(({ partitionKey, data }) => [partitionKey, String(data)])
${lines}
`
  )
  return JSON.parse(
    execFileSync(process.execPath, ['--no-warnings', file], {
      encoding: 'utf8',
      cwd: folder,
      timeout: 100_000
    })
  )
}

it('has no program but those that are run below', () => {
  expect(programs.map(([name]) => name)).toEqual([
    'quick-start.mjs',
    'server.mjs',
    'lines.mjs',
    'queue.mjs',
    'dead-letters.mjs',
    'function.mjs',
    'forward.mjs',
    'metrics.mjs',
    'writable.mjs',
    'loop.mjs'
  ])
})

it('names every option with its default', () => {
  const { streamSettings, client: _, clientConfig, stream: __, ...rest } = readProducerOptions(undefined)
  const { ordered, failThrottled, ...ofStream } = streamSettings
  const expected = {
    ...rest,
    ...ofStream,
    ordering: ordered ? 'key' : 'none',
    onThrottle: failThrottled ? 'fail' : 'retry'
  }
  expect(clientConfig).toEqual({})
  const section = /^## Options$(.*?)^## /ms.exec(page)![1]!
  const rows = [...section.matchAll(/^\| `(\w+)` +\| `([^`]+)` +\|/gm)].map(([, name, value]) => [
    name,
    JSON.parse(value!.replaceAll("'", '"')) as unknown
  ])
  expect(Object.fromEntries(rows)).toEqual(expected)
})

it('the quick start: stored when it ends', () => {
  const code = programs.find(([name]) => name === 'quick-start.mjs')![1]
  const replaced = code.replace("{ stream: 'events' }", "{ stream: 'events', client: kinesis.client }")
  expect(replaced).not.toBe(code)
  expect(
    run('', `{ ${replaced.replace(/^import .*$/m, '')} }\nconsole.log(JSON.stringify(stored()))`)
  ).toEqual([['user-1', '{"page":"/"}']])
})

// On Windows a signal ends a process at once.
it.skipIf(process.platform === 'win32')('the web server: logs, and ends well on SIGTERM', () => {
  expect(
    run(
      `import { startServer } from './server.mjs'\nimport { once } from 'node:events'`,
      `const server = startServer(producer, 0)
await once(server, 'listening')
const response = await fetch(\`http://127.0.0.1:\${server.address().port}/a\`)
await response.text()
process.kill(process.pid, 'SIGTERM')
process.on('exit', () => console.log(JSON.stringify(stored().map(([, data]) => data))))`
    )
  ).toEqual(['{"url":"/a"}'])
})

it('the file of lines: all delivered', () => {
  writeFileSync(join(folder, 'in.ndjson'), '{"id":"a","n":1}\n{"id":"b","n":2}\n')
  expect(
    run(
      `import { putLines } from './lines.mjs'`,
      `console.log(JSON.stringify([await putLines(producer, 'in.ndjson'), stored().toSorted()]))`
    )
  ).toEqual([
    2,
    [
      ['a', '{"id":"a","n":1}'],
      ['b', '{"id":"b","n":2}']
    ]
  ])
})

it('the queue: what is stored is removed, what failed is not', () => {
  expect(
    run(
      `import { forward } from './queue.mjs'`,
      `console.error = () => {}
const messages = [{ group: 'a', body: '1', receipt: 'r1' }, { group: 'x'.repeat(257), body: '2', receipt: 'r2' }]
await forward(producer, messages, receipts => console.log(JSON.stringify(receipts)))`
    )
  ).toEqual(['r1'])
})

it('dead letters: a record that failed is in the file', () => {
  run(
    `import { keepDeadLetters } from './dead-letters.mjs'`,
    `keepDeadLetters(producer, 'dead.ndjson')
producer.write({ partitionKey: 'a'.repeat(257), data: 'lost' })
await producer.close().catch(() => {})
console.log('null')`
  )
  const [letter] = readFileSync(join(folder, 'dead.ndjson'), 'utf8').trim().split('\n')
  expect(JSON.parse(letter!)).toMatchObject({
    code: 'ERR_INVALID_PARTITION_KEY',
    maybeStored: false,
    dataBase64: Buffer.from('lost').toString('base64')
  })
})

it('the function: all stored when it returns', () => {
  expect(
    run(
      `import { makeHandler } from './function.mjs'`,
      `const handler = makeHandler(producer)
const answer = await handler({ orders: [{ id: 'o1' }, { id: 'o2' }] }, { getRemainingTimeInMillis: () => 60_000 })
console.log(JSON.stringify([answer, stored().length]))`
    )
  ).toEqual([2, 2])
})

it('from stream to stream: under the key that the record names, and none without one', () => {
  expect(
    run(
      `import { aggregate } from 'kinesis-agg'
import { makeForwarder } from './forward.mjs'`,
      `const handler = makeForwarder(producer)
const [{ data }] = aggregate([
  { partitionKey: 'x', data: JSON.stringify({ customer: 'c1' }) },
  { partitionKey: 'x', data: '{}' },
  { partitionKey: 'y', data: JSON.stringify({ customer: 'c2' }) }
])
const record = (sequenceNumber, data) => ({ kinesis: { sequenceNumber, partitionKey: 'p', data: data.toString('base64') } })
const context = { getRemainingTimeInMillis: () => 60_000 }
const log = []
console.error = (...line) => log.push(line.length)
const answers = [
  await handler({ Records: [record('1', data)] }, context),
  await handler({ Records: [record('1', data), record('2', Buffer.from('no JSON'))] }, context)
]
console.log(JSON.stringify([answers, stored().map(([key]) => key).sort(), log]))`
    )
  ).toEqual([
    [{ batchItemFailures: [] }, { batchItemFailures: [{ itemIdentifier: '2' }] }],
    ['c1', 'c1', 'c2', 'c2'],
    [2]
  ])
})

it('metrics: requests and the backlog', () => {
  expect(
    run(
      `import { logBacklog, logRequests } from './metrics.mjs'`,
      `const requests = []
logRequests(request => requests.push(request))
producer.write({ partitionKey: 'a', data: 'x' })
const backlog = []
logBacklog(producer, line => backlog.push(line))
await producer.close()
console.log(JSON.stringify([requests.map(({ stream, failed }) => [stream, failed]), backlog.map(line => line.pendingRecords)]))`
    )
  ).toEqual([[['events', false]], [1]])
})

it('from aws-kinesis-writable: text in, stored when it ends, failures told', () => {
  expect(
    run(
      `import { logTo } from './writable.mjs'`,
      `const failed = []
console.error = (...line) => failed.push(line)
await logTo(producer, ['{"n":1}', '{"n":2}', '{"n":3}'], message => message.includes('2') ? 'x'.repeat(257) : 'k')
console.log(JSON.stringify([stored(), failed]))`
    )
  ).toEqual([
    [
      ['k', '{"n":1}'],
      ['k', '{"n":3}']
    ],
    [['ERR_INVALID_PARTITION_KEY', '{"n":2}']]
  ])
})

it('from a loop over PutRecords: the same entries, and more of them', () => {
  const [delivered, stored] = run(
    `import { putEntries } from './loop.mjs'`,
    `const entries = Array.from({ length: 1200 }, (_, i) => ({ PartitionKey: 'k', Data: Buffer.from(String(i)) }))
console.log(JSON.stringify([await putEntries(producer, entries), stored()]))`
  ) as [number, string[][]]
  expect(delivered).toBe(1200)
  expect(stored).toEqual(Array.from({ length: 1200 }, (_, i) => ['k', String(i)]))
})

it('names every warning', () => {
  const folder = join(root, 'src-js', 'producer')
  const codes = readdirSync(folder).flatMap(name =>
    [...readFileSync(join(folder, name), 'utf8').matchAll(/warn\(\s*'([A-Z_]+)'/g)].map(([, code]) => code!)
  )
  const named = [...page.matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(([, code]) => code!)
  expect(named.filter(code => !code.startsWith('ERR_') && code !== 'ABORT_ERR').toSorted()).toEqual(
    [...new Set(codes)].toSorted()
  )
})

it('names every option of the KPL', () => {
  // The properties of KinesisProducerConfiguration 1.1.1, as javap lists them.
  const options =
    `AggregationEnabled AggregationMaxCount AggregationMaxSize CaCertFile CaCertPath CloudwatchEndpoint
    CloudwatchPort CollectionMaxCount CollectionMaxSize ConnectTimeout CredentialsProvider CredentialsRefreshDelay
    DaemonHealthCheckTimeoutMs DescribeStreamSummaryIntervalMs EnableCoreDumps EnableDaemonHealthCheck
    EnableOldestFutureTracker FailIfThrottled GlueSchemaRegistryConfiguration GlueSchemaRegistryCredentialsProvider
    GlueSchemaRegistryPropertiesFilePath KinesisEndpoint KinesisPort LogLevel MaxConnections MaxUserRecordSize
    MetricsCredentialsProvider MetricsGranularity MetricsLevel MetricsNamespace MetricsUploadDelay MinConnections
    NativeExecutable ProxyHost ProxyPassword ProxyPort ProxyUserName RateLimit RecordDistributionStrategyDefault
    RecordMaxBufferedTime RecordTtl Region RequestTimeout ReturnUserRecordOnFailure StsEndpoint StsPort TempDirectory
    ThreadPoolSize ThreadingModel UserRecordTimeoutInMillis VerifyCertificate`.split(/\s+/)
  const section = /^### From the KPL$(.*?)^### /ms.exec(page)![1]!
  expect(options.filter(name => !section.includes(`\`${name}\``))).toEqual([])
})
