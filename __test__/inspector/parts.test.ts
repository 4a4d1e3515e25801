import '../support/source-binary'
import { describe, expect, it } from 'vitest'
import * as fc from 'fast-check'
import { costsOf } from '../../src-js/inspector/costs'
import { malformedAt } from '../../src-js/inspector/damage'
import { type Part, partsOf } from '../../src-js/inspector/parts'
import { vectors } from '../support/vectors'
import { MAGIC, field, md5, seal, varint } from '../support/wire'

/** Nothing is left out, and nothing twice. */
function expectCover(parts: readonly Part[], length: number): void {
  let at = 0
  for (const { start, end, contentStart, contentEnd } of parts) {
    expect(start).toBe(at)
    expect(end).toBeGreaterThan(start)
    expect(contentStart).toBeGreaterThanOrEqual(start)
    expect(contentEnd).toBeGreaterThanOrEqual(contentStart)
    expect(contentEnd).toBeLessThanOrEqual(end)
    at = end
  }
  expect(at).toBe(length)
  expect(costsOf(parts).reduce((sum, { bytes }) => sum + bytes, 0)).toBe(length)
}

describe('vectors', () => {
  it.each(vectors)('$name', ({ bytes, kind, records }) => {
    const parts = partsOf(bytes)
    expectCover(parts, bytes.length)
    if (kind === 'plain') {
      expect(parts.map(({ kind }) => kind)).toEqual(bytes.length === 0 ? [] : ['plain'])
      return
    }
    expect(parts[0]!.kind).toBe('magic')
    expect(parts.at(-1)!.kind).toBe('md5')
    if (kind !== 'records') return
    const contents = (name: string) =>
      parts.filter(part => part.kind === name).map(part => bytes.subarray(part.contentStart, part.contentEnd))
    expect(contents('record').map(data => data.toString('base64'))).toEqual(records.map(({ data }) => data))
    const keys = new Set(contents('key').map(String))
    for (const { partitionKey } of records) expect(keys).toContain(partitionKey)
    const hashKeys = new Set(contents('hashKey').map(String))
    for (const { explicitHashKey } of records)
      if (explicitHashKey !== null) expect(hashKeys).toContain(explicitHashKey)
  })
})

it('any bytes behind the magic are covered, as far as the codec comes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), content => {
      const bytes = seal(content)
      const parts = partsOf(bytes)
      if (content.length === 0) return
      expectCover(parts, bytes.length)
      const unread = parts.find(({ kind }) => kind === 'unread')
      const malformed = malformedAt(bytes)
      // What the codec refuses first is in the part that could not be read, or before it.
      if (unread !== undefined) expect(malformed?.at).toBeLessThanOrEqual(bytes.length - 16)
    }),
    { numRuns: 2000 }
  )
})

it('unknown fields, groups and tags have their place', () => {
  const group = Buffer.concat([Buffer.from([0x2b]), field(1, 'x'), Buffer.from([0x33, 0x34, 0x2c])])
  const user = Buffer.concat([Buffer.from([0x08, 0]), field(3, 'data'), field(4, field(1, 'tag'))])
  const message = Buffer.concat([field(1, 'key'), group, Buffer.from([0x48, 0x05]), field(3, user)])
  const parts = partsOf(seal(message))
  expect(parts.map(({ kind }) => kind)).toEqual(['magic', 'key', 'unknown', 'unknown', 'record', 'md5'])
  expect(malformedAt(seal(message))).toBeUndefined()
  expect(costsOf(parts)).toEqual([
    { kind: 'magic', count: 1, bytes: 4 },
    { kind: 'key', count: 1, bytes: 5 },
    { kind: 'data', count: 1, bytes: 4 },
    { kind: 'record', count: 1, bytes: user.length + 2 - 4 },
    { kind: 'unknown', count: 2, bytes: group.length + 2 },
    { kind: 'md5', count: 1, bytes: 16 }
  ])
})

it('a length past the end: what is before it is told apart, and the rest is not', () => {
  const message = Buffer.concat([field(1, 'key'), Buffer.from([0x1a]), varint(1000), Buffer.from('rest')])
  const bytes = Buffer.concat([MAGIC, message, md5(message)])
  const parts = partsOf(bytes)
  expect(parts.map(({ kind, start }) => [kind, start])).toEqual([
    ['magic', 0],
    ['key', 4],
    ['unread', 9],
    ['md5', bytes.length - 16]
  ])
  const { at } = malformedAt(bytes)!
  expect(at).toBeGreaterThanOrEqual(9)
  expect(at).toBeLessThan(bytes.length - 16)
})
