import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { native } from '../../dist/binding.js'
import { laidOut, laneRecords } from '../support/lanes'

const { openCodec } = createRequire(import.meta.url)('../../dist/wasm-codec.js') as {
  openCodec(): typeof native
}
const both = [native, openCodec()] as const

const END = 1n << 128n

/** The first hash keys of shards of one size. */
function starts(count: number): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(count * 16))
  for (let i = 0; i < count; i++) {
    const start = (END * BigInt(i)) / BigInt(count)
    bytes.setBigUint64(i * 16, start >> 64n)
    bytes.setBigUint64(i * 16 + 8, start & 0xffff_ffff_ffff_ffffn)
  }
  return new Uint8Array(bytes.buffer)
}

const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** What a call answers and writes, or the text of its error. */
function outcome(call: () => unknown): unknown {
  try {
    return call()
  } catch (error) {
    return (error as Error).message
  }
}

describe('lanes in WebAssembly', () => {
  it('do what the binary does', () => {
    fc.assert(
      fc.property(
        laneRecords,
        fc.integer({ min: 1, max: 20 }),
        fc.nat(200_000),
        fc.nat(300),
        (records, shards, maxSize, maxRecords) => {
          const { slab, places } = laidOut(records)
          const count = records.length
          const [expected, found] = both.map(binding => {
            const out = Buffer.alloc(slab.length + 40 * count)
            const head = new Uint32Array(3)
            binding.encodeLane(slab, 0, slab.length, places, 0, count, maxSize, maxRecords, out, head)
            const table = binding.shardTable(starts(shards))
            const [sortedBytes, sorted] = [Buffer.alloc(slab.length), new Uint32Array(places.length)]
            const runs = new Uint32Array(3 * count)
            const number = binding.sortByShard(table, slab, places, count, sortedBytes, sorted, runs)
            const hashKeys = Buffer.alloc(16 * count)
            binding.hashKeys(slab, places, count, hashKeys)
            const memory = [out, head, sortedBytes, sorted, runs, hashKeys]
            // In a form that compares quickly.
            return [
              number,
              ...memory.map(({ buffer, byteOffset, byteLength }) =>
                digestOf(Buffer.from(buffer, byteOffset, byteLength))
              )
            ]
          })
          expect(found).toEqual(expected)
        }
      )
    )
  })

  it('read a part of slab and places, as the binary does', () => {
    const slab = Buffer.from('xxa12b34c56yy')
    const places = Uint32Array.of(9, 9, 9, 9, 1, 0, 2, 0, 1, 0, 2, 0, 1, 0, 2, 0, 9, 9, 9, 9)
    const [expected, found] = both.map(binding => {
      const [out, head] = [Buffer.alloc(100), new Uint32Array(3)]
      binding.encodeLane(slab, 2, 11, places, 1, 3, 1000, 1000, out, head)
      expect([...head]).toEqual([3, 20 + 9 + 24, 9])
      return out
    })
    expect(found!.equals(expected!)).toBe(true)
  })

  const slab = Buffer.from('a12b34')
  const places = Uint32Array.of(1, 1, 1, 0, 1, 0, 2, 0)
  const refused: Record<string, (binding: typeof native) => unknown> = {
    'an end behind the slab': binding =>
      binding.encodeLane(slab, 0, 7, places, 0, 2, 999, 999, Buffer.alloc(99), new Uint32Array(3)),
    'a beginning behind the end': binding =>
      binding.encodeLane(slab, 4, 3, places, 0, 2, 999, 999, Buffer.alloc(99), new Uint32Array(3)),
    'records outside their slab': binding =>
      binding.encodeLane(slab, 0, 5, places, 0, 2, 999, 999, Buffer.alloc(99), new Uint32Array(3)),
    'more records than places': binding =>
      binding.encodeLane(slab, 0, 6, places, 1, 2, 999, 999, Buffer.alloc(99), new Uint32Array(3)),
    'too little room for an aggregate': binding =>
      binding.encodeLane(slab, 0, 6, places, 0, 2, 999, 999, Buffer.alloc(30), new Uint32Array(3)),
    'no room for a head': binding =>
      binding.encodeLane(slab, 0, 6, places, 0, 2, 999, 999, Buffer.alloc(99), new Uint32Array(2)),
    'too little room for sorted bytes': binding =>
      binding.sortByShard(
        binding.shardTable(starts(2)),
        slab,
        places,
        2,
        Buffer.alloc(5),
        new Uint32Array(8),
        new Uint32Array(6)
      ),
    'too little room for sorted records': binding =>
      binding.sortByShard(
        binding.shardTable(starts(2)),
        slab,
        places,
        2,
        Buffer.alloc(6),
        new Uint32Array(7),
        new Uint32Array(6)
      ),
    'no room for runs': binding =>
      binding.sortByShard(
        binding.shardTable(starts(2)),
        slab,
        places,
        2,
        Buffer.alloc(6),
        new Uint32Array(8),
        new Uint32Array(2)
      ),
    'a bad explicit hash key': binding =>
      binding.hashKeys(Buffer.from('ax2b34'), places, 2, Buffer.alloc(32)),
    'too little room for hash keys': binding => binding.hashKeys(slab, places, 2, Buffer.alloc(31))
  }

  it.each(Object.entries(refused))('refuse %s', (_what, call) => {
    const [expected, found] = both.map(binding => outcome(() => call(binding)))
    expect(found).toBe(expected)
    expect(found).toMatch(/^ERR_INTERNAL: /)
  })
})
