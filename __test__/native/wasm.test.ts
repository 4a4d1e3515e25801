/** WebAssembly beside the native binary: the same calls, the same answers. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { native } from '../../dist/binding.js'
import { corpusOf, regressionsOf } from '../support/corpus'
import { aggregated, seal } from '../support/wire'

const root = join(__dirname, '..', '..')
const { openCodec } = createRequire(__filename)(join(root, 'dist', 'wasm-codec.js')) as {
  openCodec(): typeof native
}
const MIB = 1024 * 1024
const { HEADER_WORDS, KEY_WORDS, RECORD_WORDS, STATUS_PLAIN, STATUS_RECORDS } = native

/** The memories of all instances that were made. */
let memories: WebAssembly.Memory[] = []
beforeEach(() => {
  memories = []
  const { Instance } = WebAssembly
  class Seen extends Instance {
    constructor(module: WebAssembly.Module, imports?: object) {
      super(module, imports)
      memories.push((this.exports as { memory: WebAssembly.Memory }).memory)
    }
  }
  vi.spyOn(WebAssembly, 'Instance', 'get').mockReturnValue(Seen as typeof Instance)
})
afterEach(() => vi.restoreAllMocks())

describe('the module', () => {
  const bytes = readFileSync(join(root, 'src-js', 'native', 'codec.wasm'))

  it('has at most 60 KB, imports nothing, and is the one whose tools are recorded', () => {
    expect(bytes.length).toBeLessThanOrEqual(60_000)
    expect(WebAssembly.Module.imports(new WebAssembly.Module(bytes))).toEqual([])
    const { sha256 } = JSON.parse(readFileSync(join(root, 'src-js/native/codec.wasm.json'), 'utf8')) as {
      sha256: string
    }
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256)
  })

  it('is what the package carries, and nothing is left of the machine that built it', () => {
    expect(readFileSync(join(root, 'dist', 'wasm-codec.js'), 'latin1')).toContain(bytes.toString('base64'))
    expect(bytes.toString('latin1')).not.toMatch(/\/(home|root|tmp|cargo|kinesis-agg)\//)
  })

  it('offers what the binary offers', () => {
    const wasm = openCodec()
    expect(Object.keys(wasm).toSorted()).toEqual(Object.keys(native).toSorted())
    const numbers = (binding: object) =>
      Object.entries(binding).filter(([, value]) => typeof value === 'number')
    expect(numbers(wasm).toSorted()).toEqual(numbers(native).toSorted())
    expect(wasm.VERSION).toBe(native.VERSION)
  })
})

/** What a call gives: words, bytes, an answer; or the error. */
function outcome(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return (error as Error).message
  }
}

describe('the corpus of the fuzzers', () => {
  const inputs = (target: string) => [...corpusOf(target), ...regressionsOf(target)]
  const wasm = openCodec()

  /** The words at a place of the index that mean something. */
  function meant(index: Uint32Array, at: number): Uint32Array {
    const [status, keys, hashKeys, records] = index.subarray(at)
    if (status === STATUS_PLAIN) return index.slice(at, at + 1)
    const words = (keys! + hashKeys!) * KEY_WORDS + records! * RECORD_WORDS
    return index.slice(at, at + HEADER_WORDS + (status === STATUS_RECORDS ? words : 0))
  }

  function decoded(binding: typeof native, data: Uint8Array, verify: boolean): unknown {
    const index = new Uint32Array(4096)
    return outcome(() => {
      const words = binding.decode(data, data.length, verify, index)
      return [words, words > index.length ? [] : meant(index, 0)]
    })
  }

  it.each(['decode', 'index'])('%s: sealed or not, as it is or as a message', target => {
    const list = inputs(target)
    expect(list.length).toBeGreaterThan(100)
    for (const input of list) {
      for (const data of [input, seal(input)]) {
        for (const verify of [true, false])
          expect(decoded(wasm, data, verify)).toEqual(decoded(native, data, verify))
      }
      const message = (binding: typeof native) => outcome(() => binding.decodeMessage(input))
      expect(message(wasm)).toEqual(message(native))
    }
  })

  it('decode: in a batch', () => {
    const list = inputs('decode').flatMap(input => [seal(input), input])
    const batch = (binding: typeof native) => {
      const all = []
      let index = new Uint32Array(4096)
      for (let from = 0; from < list.length;) {
        const count = binding.decodeMany(list, from, true, index, 65_536)
        if (count === 0) index = new Uint32Array(index[0]!)
        for (let i = 0, at = 0; i < count; i++) {
          const words = meant(index, at)
          all.push(words)
          at += Math.max(words.length, HEADER_WORDS)
        }
        from += count
      }
      return all
    }
    expect(batch(wasm)).toEqual(batch(native))
  })

  it('encode: as parts of a message, as entries, and as keys', () => {
    const table = (binding: typeof native) => {
      const starts = Buffer.alloc(48)
      starts[16] = 0x55
      starts[32] = 0xaa
      return binding.shardTable(starts)
    }
    const tables = new Map([wasm, native].map(binding => [binding, table(binding)]))
    for (const input of inputs('encode')) {
      const words = new Uint32Array(Uint8Array.from(input).buffer.slice(0, input.length & ~3))
      const all = (binding: typeof native) => {
        const record = Buffer.alloc(200)
        const hash = Buffer.alloc(16)
        const text = input.toString('latin1')
        const lookups = new Uint32Array(30)
        for (let i = 0; i < 10; i++) lookups.set([input[i]! % 4 || 0, i, 9], i * 3)
        const shards = tables.get(binding)!
        return [
          outcome(() => binding.encodeMessage(input)),
          outcome(() => {
            binding.encode(input, input.length, words, words.length, record, true)
            return record
          }),
          outcome(() => binding.hashKey(text, hash)),
          hash,
          binding.shardOfKey(shards, text),
          binding.shardOfHashKey(shards, String(BigInt(`0x0${input.toString('hex').slice(0, 40)}`))),
          outcome(() => binding.shardsOfKeys(shards, input, lookups, 10)),
          lookups
        ]
      }
      expect(all(wasm)).toEqual(all(native))
    }
  })
})

describe('memory', () => {
  const index = new Uint32Array(4096)
  const small = aggregated({ keys: ['k'], records: [{ key: 0, data: 'x' }] })
  const giant = aggregated({ keys: ['k'], records: [{ key: 0, data: Buffer.alloc(10 * MIB) }] })
  const size = () => memories.at(-1)!.buffer.byteLength

  it('is a little more than a giant has', () => {
    const wasm = openCodec()
    for (let i = 0; i < 20; i++) wasm.decode(giant, giant.length, true, index)
    expect(memories).toHaveLength(1)
    expect(size()).toBeLessThan(giant.length + 2 * MIB)
  })

  it('is given back as soon as something small comes', () => {
    const wasm = openCodec()
    wasm.decode(giant, giant.length, true, index)
    expect(wasm.decode(small, small.length, true, index)).toBeGreaterThan(0)
    expect(memories).toHaveLength(2)
    expect(size()).toBeLessThan(2 * MIB)
  })

  it('does not grow with the number of calls', () => {
    const wasm = openCodec()
    const batch = Array.from({ length: 100 }, () => small)
    for (let i = 0; i < 2000; i++) {
      wasm.decodeMany(batch, 0, true, index, 4096)
      wasm.decodeMessage(small.subarray(4, -16))
      wasm.malformedText(1, i)
      outcome(() => wasm.decodeMessage(Buffer.from([0x0a])))
    }
    expect(memories).toHaveLength(1)
    expect(size()).toBeLessThan(2 * MIB)
  })

  it('of shard tables is freed with them', async () => {
    const wasm = openCodec()
    const starts = Buffer.alloc(16 * 10_000)
    for (let i = 0; i < 10_000; i++) starts.writeUInt32BE(i, i * 16)
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < 20; i++) expect(wasm.shardOfKey(wasm.shardTable(starts), 'k')).toBeTypeOf('number')
      globalThis.gc!()
      // Finalizers run in a turn of their own.
      await new Promise(resolve => setTimeout(resolve))
    }
    // 400 tables of 160 KB were made.
    expect(size()).toBeLessThan(16 * MIB)
  })

  it('takes what shard tables are in along, into another instance', () => {
    const wasm = openCodec()
    const starts = Buffer.alloc(32)
    starts[16] = 0x80
    const table = wasm.shardTable(starts)
    const before = wasm.shardOfHashKey(table, String(2n ** 127n))
    wasm.decode(giant, giant.length, true, index)
    expect(wasm.shardOfHashKey(table, String(2n ** 127n))).toBe(before)
    expect(wasm.shardOfHashKey(table, '0')).toBe(0)
    expect(before).toBe(1)
    expect(memories).toHaveLength(2)
  })
})

describe('a trap', () => {
  it('is an error, and the next call works', () => {
    const wasm = openCodec()
    const table = wasm.shardTable(Buffer.alloc(16))
    const elsewhere = { bytes: 0, at: () => 0xffff_fff0 }
    expect(() => wasm.shardOfKey(elsewhere, 'k')).toThrow(
      /^ERR_INTERNAL: Internal error: WebAssembly stopped: memory access out of bounds$/
    )
    expect(memories).toHaveLength(2)
    expect(wasm.shardOfKey(table, 'k')).toBe(0)
  })
})
