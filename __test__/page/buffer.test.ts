/** The stand-in for Node.js' Buffer gives what that gives, as far as the page uses it. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Buffer as StandIn } from '../../src-js/page/buffer'
import {
  isAnyArrayBuffer,
  isSharedArrayBuffer,
  isTypedArray,
  randomBytes
} from '../../src-js/page/node-builtins'

const same = (found: Uint8Array, expected: Uint8Array): void => expect([...found]).toEqual([...expected])

const bytes = fc.uint8Array({ maxLength: 300 })
/** Text that looks like base64, with all that a decoder may meet. */
const digits = fc.string({ unit: fc.constantFrom(...'AZaz09+/-_ \n\t*é'), maxLength: 100 })
const padding = fc.constantFrom('', '=', '==', '=\n')

describe('text', () => {
  it('of bytes, in every encoding', () => {
    fc.assert(
      fc.property(bytes, fc.nat(300), fc.nat(300), (data, start, end) => {
        const [ours, theirs] = [StandIn.from(data), Buffer.from(data)]
        for (const encoding of ['utf8', 'latin1', 'base64', 'hex'] as const) {
          expect(ours.toString(encoding)).toBe(theirs.toString(encoding))
          expect(ours.toString(encoding, start, end)).toBe(theirs.toString(encoding, start, end))
        }
        expect(ours.utf8Slice(0, 5)).toBe(theirs.toString('utf8', 0, 5))
        expect(ours.latin1Slice(0, 5)).toBe(theirs.toString('latin1', 0, 5))
      })
    )
  })

  it('to bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        same(StandIn.from(text), Buffer.from(text))
        expect(StandIn.byteLength(text)).toBe(Buffer.byteLength(text))
        const [ours, theirs] = [StandIn.alloc(50), Buffer.alloc(50)]
        expect(ours.utf8Write(text, 5)).toBe(theirs.write(text, 5))
        same(ours, theirs)
      })
    )
    // Beyond ASCII, Node.js itself takes the low byte of a character for a digit.
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), text => {
        same(StandIn.from(text, 'hex'), Buffer.from(text, 'hex'))
      })
    )
    same(StandIn.from('\ufeffa'), Buffer.from('\ufeffa'))
    expect(StandIn.from('\ufeffa').toString()).toBe('\ufeffa')
    same(StandIn.from('é\x00ÿ', 'latin1'), Buffer.from('é\x00ÿ', 'latin1'))
  })

  it('from base64 of either alphabet, broken or not', () => {
    fc.assert(
      fc.property(digits, padding, (text, end) => {
        same(StandIn.from(text + end, 'base64'), Buffer.from(text + end, 'base64'))
      }),
      { numRuns: 2000 }
    )
  })

  it('from hexadecimal, as far as it goes', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0129abfAFg '), maxLength: 60 }), text => {
        same(StandIn.from(text, 'hex'), Buffer.from(text, 'hex'))
      })
    )
  })
})

describe('bytes', () => {
  it('parts are Buffers over the same memory', () => {
    const all = StandIn.from([1, 2, 3, 4])
    const part = all.subarray(1, 3)
    expect(StandIn.isBuffer(part)).toBe(true)
    part[0] = 9
    same(all, [1, 9, 3, 4] as unknown as Uint8Array)
  })

  it('memory is shared with an ArrayBuffer, and copied from an array', () => {
    const memory = new ArrayBuffer(4)
    const array = new Uint8Array(memory)
    const [view, copy] = [StandIn.from(memory, 1, 2), StandIn.from(array)]
    array.fill(7)
    expect([view.length, ...view, ...copy]).toEqual([2, 7, 7, 0, 0, 0, 0])
  })

  it('joins and numbers', () => {
    fc.assert(
      fc.property(fc.array(bytes), fc.nat(0xffffffff), (list, number) => {
        same(StandIn.concat(list), Buffer.concat(list))
        const [ours, theirs] = [StandIn.allocUnsafe(8).fill(0), Buffer.alloc(8)] as [StandIn, Buffer]
        expect(ours.writeUInt32LE(number, 3)).toBe(theirs.writeUInt32LE(number, 3))
        same(ours, theirs)
        expect(ours.readUInt32LE(3)).toBe(number)
        expect(ours.subarray(3).readUInt32LE()).toBe(number)
      })
    )
    expect(StandIn.allocUnsafeSlow(3)).toHaveLength(3)
  })
})

it('the kinds of memory are told apart, and random bytes are made', () => {
  expect([new ArrayBuffer(1), new SharedArrayBuffer(1), new Uint8Array(1)].map(isAnyArrayBuffer)).toEqual([
    true,
    true,
    false
  ])
  expect([new ArrayBuffer(1), new SharedArrayBuffer(1)].map(isSharedArrayBuffer)).toEqual([false, true])
  expect([new Uint8Array(1), new DataView(new ArrayBuffer(1))].map(isTypedArray)).toEqual([true, false])
  expect(randomBytes(16)).toHaveLength(16)
  expect(randomBytes(16)).not.toEqual(randomBytes(16))
})
