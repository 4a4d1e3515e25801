import { describe, expect, it } from 'vitest'
import type { Found } from '../../src-js/inputs/found'
import { JsonScanner } from '../../src-js/inputs/json-scanner'

const scan = (chunks: Iterable<Buffer>): Found[] => {
  const scanner = new JsonScanner()
  const found: Found[] = []
  for (const chunk of chunks) found.push(...scanner.push(chunk))
  return [...found, ...scanner.end()]
}

function* inChunks(bytes: Buffer, size: number): Iterable<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

describe('JsonScanner', () => {
  const tricky = {
    Data: 'x"\\"\\\\\n{[}]é',
    nested: { Records: [1, { records: [2] }], deep: [[[{}]]] },
    Records: null,
    ключ: '"Records":['
  }
  const inputs: Record<string, [string, unknown[]]> = {
    'an event': [
      JSON.stringify({ a: 1, s: 'Records', Records: [tricky, {}, { a: [] }], state: { Records: [{}] } }),
      [tricky, {}, { a: [] }]
    ],
    'a pretty event': [JSON.stringify({ invocationId: 'x', records: [tricky, {}] }, null, 2), [tricky, {}]],
    'an event without records': ['{"Records": []}', []],
    NDJSON: [`${JSON.stringify(tricky)}\n{}\n\n"text"\r\n{"a":1}`, [tricky, {}, 'text', { a: 1 }]],
    'arrays of events': [
      JSON.stringify([{ Records: [{ a: 1 }] }, { b: 2 }, { z: 0, Records: [{ c: 3 }] }]),
      [{ a: 1 }, { b: 2 }, { c: 3 }]
    ],
    'a value that is called Records': ['{"a":"Records","b":[1]}', [{ a: 'Records', b: [1] }]],
    'escapes at the end of strings': ['["\\\\","\\"","a\\\\\\""]', ['\\', '"', 'a\\"']]
  }

  it.each(Object.entries(inputs))(
    'finds the records of %s, whatever the chunks',
    (_name, [text, expected]) => {
      const bytes = Buffer.from(text)
      for (let size = 1; size <= bytes.length; size++) {
        const found = scan(inChunks(bytes, size))
        expect(
          found.map(one => ('value' in one ? one.value : 'problem' in one ? one.problem : one.warning))
        ).toEqual(expected)
        for (const { offset } of found) expect('{"').toContain(String.fromCharCode(bytes[offset]!))
      }
    }
  )

  it('finds the same in damaged text, whatever the chunks, and never fails', () => {
    const bytes = Buffer.from(
      Object.values(inputs)
        .map(([text]) => text)
        .join('\n')
    )
    for (let i = 0; i < bytes.length; i += 3) {
      for (const wrong of ['"', '{', ']', '\\', '\n', 'x']) {
        const damaged = Buffer.from(bytes)
        damaged.write(wrong, i, 'latin1')
        const whole = scan([damaged])
        expect(scan(inChunks(damaged, 7))).toEqual(whole)
      }
    }
  })

  it('gives up on a record of over 64 MiB, and goes on', () => {
    const filler = Buffer.alloc(1024 * 1024, 'x')
    function* chunks(): Iterable<Buffer> {
      yield Buffer.from('{"a":1}\n{"Data":"')
      for (let i = 0; i < 65; i++) yield filler
      yield Buffer.from('"}\n{"b":2}')
    }
    expect(scan(chunks())).toEqual([
      { offset: 0, value: { a: 1 } },
      { offset: 8, problem: 'a record is longer than 64 MiB' },
      { offset: 20 + 65 * 1024 * 1024, value: { b: 2 } }
    ])
  })
})
