import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import {
  RecordAggregator,
  aggregate,
  deaggregate,
  deaggregateSync,
  isAggregated,
  iterateUserRecords
} from 'kinesis-agg'
import { AggregatedRecord } from 'kinesis-agg/lib/common'
import { lambda } from '../support/inputs'
import { thrownBy } from '../support/seen'
import { field, seal, varint } from '../support/wire'

const MIB = 1024 * 1024

const repeat = (bytes: readonly number[] | Buffer, times: number): Buffer =>
  Buffer.alloc(bytes.length * times, Buffer.from(bytes))
const EMPTY_KEY = Buffer.from([0x0a, 0])
const EMPTY_RECORD = Buffer.from([0x1a, 4, 8, 0, 0x1a, 0])
const record = (...body: (Buffer | number[])[]): Buffer =>
  field(3, Buffer.concat(body.map(part => Buffer.from(part))))
/** A varint of any 64 bits. */
function wide(value: bigint): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return Buffer.from([...bytes, Number(rest)])
}

/** By name, what a few bytes try to make much of; with the user records in it, or the fault. */
const amplifiers: [name: string, message: () => Buffer, records: number | RegExp][] = [
  [
    'one huge key with 100,000 records',
    () =>
      Buffer.concat([field(1, repeat([0x6b], 500_000)), repeat(record([8, 0], field(3, 'data!')), 100_000)]),
    100_000
  ],
  ['a million empty table entries', () => repeat(EMPTY_KEY, 1_000_000), 0],
  ['a million empty entries of the other table', () => repeat([0x12, 0], 1_000_000), 0],
  [
    '300,000 of the shortest records',
    () => Buffer.concat([EMPTY_KEY, repeat(EMPTY_RECORD, 300_000)]),
    300_000
  ],
  ['a million empty records', () => repeat([0x1a, 0], 1_000_000), /no partition key index \(byte 6\)$/],
  [
    'a million empty records, then a key',
    () => Buffer.concat([repeat([0x1a, 0], 1_000_000), EMPTY_KEY]),
    /no partition key index/
  ],
  ['records shorter than any', () => repeat([0x1a, 2, 8, 0], 500_000), /has no data/],
  [
    'records outside their table',
    () => repeat(EMPTY_RECORD, 300_000),
    /index is outside its table \(byte 6\)$/
  ],
  ['deep groups', () => repeat([0x2b], MIB), /nested too deep \(byte 104\)$/],
  [
    'a group that nothing ends',
    () => Buffer.concat([Buffer.from([0x2b]), repeat([0x30, 0], MIB)]),
    /is not ended/
  ],
  ['groups to the limit', () => repeat(Buffer.concat([repeat([0x2b], 100), repeat([0x2c], 100)]), 5000), 0],
  ['10 MiB of one-byte varints', () => repeat([0x20, 1], 5 * MIB), 0],
  ['10 MiB of bytes that go on', () => repeat([0x80], 10 * MIB), /longer than 10 bytes \(byte 4\)$/],
  [
    'one record with a million tags',
    () => Buffer.concat([EMPTY_KEY, record([8, 0, 0x1a, 0], repeat([0x22, 2, 0x0a, 0], 1_000_000))]),
    1
  ],
  [
    'one record whose data comes a million times',
    () => Buffer.concat([EMPTY_KEY, record([8, 0], repeat([0x1a, 0], 1_000_000))]),
    1
  ],
  [
    '100,000 keys, named from the last to the first',
    () =>
      Buffer.concat([
        repeat(EMPTY_KEY, 100_000),
        ...Array.from({ length: 100_000 }, (_, i) => record([8], varint(99_999 - i), [0x1a, 0]))
      ]),
    100_000
  ]
]

type Outcome = number | { code: unknown; message: string }

function outcomeOf(run: () => number): Outcome {
  try {
    return run()
  } catch (error) {
    const { code, message } = error as Error & { code: unknown }
    return { code, message }
  }
}

function viaCallback(data: unknown): number {
  let found: number | Error = -1
  deaggregateSync(lambda(data), true, (error, records) => (found = error ?? records.length))
  if (typeof found !== 'number') throw found
  return found
}

function viaCallbacks(data: unknown): number {
  let count = 0
  let failed: Error | undefined
  deaggregate(
    lambda(data),
    true,
    () => count++,
    error => (failed = error)
  )
  if (failed !== undefined) throw failed
  return count
}

/** Every way to take a record apart, and what it may allocate besides results, in bytes per byte that came in. */
const ways: Record<string, [run: (data: unknown) => number, most: number]> = {
  deaggregateSync: [data => deaggregateSync(lambda(data)).length, 4],
  'deaggregateSync, two at once': [data => deaggregateSync([lambda(data), lambda(data)]).length / 2, 8],
  'deaggregateSync with a callback': [viaCallback, 4],
  'deaggregate with callbacks': [viaCallbacks, 4],
  iterateUserRecords: [data => [...iterateUserRecords([lambda(data)])].length, 4]
}

describe.each(amplifiers)('%s', (_, make, expected) => {
  const data = seal(make())
  const forms: [string, unknown, number][] = [
    ['bytes', data, data.length],
    ['base64', data.toString('base64'), Math.ceil((data.length / 3) * 4)]
  ]

  describe.each(forms)('as %s', (_form, input, length) => {
    it.each(Object.entries(ways))('%s', (__, [run, most]) => {
      gc!()
      const before = process.memoryUsage().arrayBuffers
      const outcome = outcomeOf(() => run(input))
      // Scratch and whatever else was allocated outside of V8's heap; nothing is collected on the way.
      const allocated = process.memoryUsage().arrayBuffers - before
      if (typeof expected === 'number') expect(outcome).toBe(expected)
      else
        expect(outcome).toMatchObject({
          code: 'ERR_MALFORMED_RECORD',
          message: expect.stringMatching(expected)
        })
      expect(allocated / length).toBeLessThan(most + (3 * MIB) / length)
      expect(isAggregated(lambda(input))).toBe(true)
    })
  })
})

/** The growth of a process's peak memory over one call, in bytes; that of the process at work already, if `n` is 0. */
async function peakOf(code: string): Promise<number> {
  const script = `
    const { createHash } = require('node:crypto')
    const kinesisAgg = require(${JSON.stringify(join(__dirname, '..', '..', 'dist', 'index.js'))})
    const { AggregatedRecord } = require(${JSON.stringify(join(__dirname, '..', '..', 'dist', 'lib', 'common.js'))})
    const seal = message =>
      Buffer.concat([Buffer.from('f3899ac2', 'hex'), message, createHash('md5').update(message).digest()])
    const run = data => { ${code} }
    const huge = seal(Buffer.concat([
      Buffer.from([0x0a, 0xa0, 0xc2, 0x1e]), Buffer.alloc(500_000, 'k'),
      Buffer.alloc(700_000, Buffer.from([0x1a, 5, 8, 0, 0x1a, 1, 7]))
    ]))
    run(seal(Buffer.from([0x0a, 0, 0x1a, 4, 8, 0, 0x1a, 0])))
    const before = process.resourceUsage().maxRSS
    run(huge)
    console.log((process.resourceUsage().maxRSS - before) * 1024)`
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script])
  return Number(stdout)
}

describe('one huge key with 100,000 records costs no multiple of the key', () => {
  // The key 100,000 times would be 50 GB; the records themselves, as objects of JavaScript, are some 25 MB.
  it.each([
    ['views', `kinesisAgg.deaggregateSync({ data }).length`],
    ['callbacks', `kinesisAgg.deaggregate({ data }, true, () => {}, () => {})`],
    ['base64 and callbacks', `kinesisAgg.deaggregateSync({ data: data.toString('base64') }, true, () => {})`],
    [
      'a hash key range',
      `kinesisAgg.deaggregateSync({ data }, {
       hashKeyRange: { startingHashKey: 0n, endingHashKey: 2n ** 128n - 1n } })`
    ]
  ])('%s', async (_, code) => {
    expect(await peakOf(code)).toBeLessThan(120 * MIB)
  })
})

describe('time is linear', () => {
  /** Windows counts CPU time in ticks of 15.6 ms: a measurement there takes as many runs as fill ten of them. */
  const LEAST = process.platform === 'win32' ? 156_000 : 0

  /**
   * CPU time of a run in microseconds, the least of four measurements. Elapsed time would depend on the load of the
   * machine.
   */
  const timeOf = (run: () => unknown): number =>
    Math.min(
      ...Array.from({ length: 4 }, () => {
        const start = process.cpuUsage()
        for (let runs = 1; ; runs++) {
          run()
          const { user, system } = process.cpuUsage(start)
          if (user + system >= LEAST) return (user + system) / runs
        }
      })
    )

  const sized: Record<string, (n: number) => Buffer> = {
    'empty table entries': n => repeat(EMPTY_KEY, n),
    'the shortest records': n => Buffer.concat([EMPTY_KEY, repeat(EMPTY_RECORD, n)]),
    'keys named from the last to the first': n =>
      Buffer.concat([
        repeat(EMPTY_KEY, n),
        ...Array.from({ length: n }, (_, i) => record([8], varint(n - 1 - i), [0x1a, 0]))
      ]),
    'keys named in no order': n =>
      Buffer.concat([
        ...Array.from({ length: n }, (_, i) => field(1, String(i))),
        ...Array.from({ length: n }, (_, i) => record([8], varint((i * 7919) % n), [0x1a, 0]))
      ]),
    'a key that none but the last record has': n =>
      Buffer.concat([repeat(EMPTY_KEY, n), record([8], varint(n - 1), [0x1a, 0])]),
    'groups without end': n => repeat([0x2b, 0x30, 0], n)
  }

  it.each(Object.entries(sized))('%s', (_, make) => {
    const [small, large] = [lambda(seal(make(20_000))), lambda(seal(make(200_000)))]
    const run = (input: typeof small) => () => outcomeOf(() => deaggregateSync(input).length)
    // Ten times the bytes: a hundred times as long if it were quadratic. What is collected of a small one costs
    // nothing, so that a large one takes some thirty times as long.
    expect(timeOf(run(large))).toBeLessThan(Math.max(timeOf(run(small)), 500) * 60)
  })

  it('keys are not read over and over, whatever their order', () => {
    const n = 60_000
    const named = (index: (i: number) => number) =>
      lambda(
        seal(
          Buffer.concat([
            repeat(EMPTY_KEY, n),
            ...Array.from({ length: n }, (_, i) => record([8], varint(index(i)), [0x1a, 0]))
          ])
        )
      )
    const [up, down] = [named(i => i), named(i => n - 1 - i)]
    const ratio = timeOf(() => deaggregateSync(down)) / timeOf(() => deaggregateSync(up))
    // It was 9 before runs of keys ended at the first known one.
    expect(ratio).toBeLessThan(5)
  })
})

describe('numbers over 32 bits', () => {
  const edges = [1n << 31n, 1n << 32n, 1n << 53n, 1n << 63n, (1n << 64n) - 2n]
  const numbers = edges.flatMap(at => [at - 1n, at, at + 1n])

  it.each(numbers)('length %d', number => {
    for (const message of [
      Buffer.concat([Buffer.from([0x0a]), wide(number), Buffer.from('abc')]),
      Buffer.concat([EMPTY_KEY, Buffer.from([0x1a]), wide(number), Buffer.from([8, 0, 0x1a, 0])]),
      Buffer.concat([EMPTY_KEY, record([8, 0, 0x1a], wide(number))]),
      Buffer.concat([EMPTY_KEY, Buffer.from([0x22]), wide(number)])
    ]) {
      const error = thrownBy(() => deaggregateSync(lambda(seal(message))))
      expect(error).toMatchObject({ code: 'ERR_MALFORMED_RECORD' })
      expect(error.message).toMatch(/a length runs past the end/)
      expect(thrownBy(() => AggregatedRecord.decode(message))).toMatchObject({ code: 'ERR_MALFORMED_RECORD' })
    }
  })

  it.each(numbers)('index %d', number => {
    const key = Buffer.concat([EMPTY_KEY, record([8], wide(number), [0x1a, 0])])
    const hashKey = Buffer.concat([
      EMPTY_KEY,
      Buffer.from([0x12, 0]),
      record([8, 0, 0x10], wide(number), [0x1a, 0])
    ])
    for (const message of [key, hashKey]) {
      expect(thrownBy(() => deaggregateSync(lambda(seal(message)))).message).toMatch(
        /index is outside its table/
      )
    }
  })
})

describe('giants of our own callers', () => {
  it('a key of half a gigabyte is refused by a short message', () => {
    // Nearly the longest string that there is: whatever quotes it whole fails otherwise.
    const partitionKey = 'k'.repeat(2 ** 29 - 25)
    for (const run of [
      () => aggregate([{ partitionKey, data: 'x' }], { strict: false }),
      () =>
        new RecordAggregator({ strict: false }).push({
          partitionKey: 'k',
          data: 'x',
          explicitHashKey: partitionKey
        })
    ]) {
      const error = thrownBy(run)
      expect(error).toMatchObject({ code: 'ERR_RECORD_TOO_LARGE' })
      expect(error.message.length).toBeLessThan(1000)
    }
    const strict = thrownBy(() => aggregate([{ partitionKey, data: 'x' }]))
    expect(strict).toMatchObject({ code: 'ERR_INVALID_PARTITION_KEY' })
  })

  it('a partition key of 256 characters of two units each is one that Kinesis takes', () => {
    expect(aggregate([{ partitionKey: '🔑'.repeat(256), data: 'x' }], { strict: true })).toHaveLength(1)
    const error = thrownBy(() => aggregate([{ partitionKey: '🔑'.repeat(257), data: 'x' }], { strict: true }))
    expect(error).toMatchObject({ code: 'ERR_INVALID_PARTITION_KEY' })
  })
})
