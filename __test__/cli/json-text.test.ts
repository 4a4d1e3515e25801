/** Values as they are written in JSON. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memberText } from '../../src-js/cli/json-text'

describe('memberText', () => {
  it.each<[string, string, string | undefined]>([
    ['large and precise numbers', '{"data": 12345678901234567890}', '12345678901234567890'],
    ['numbers as they are written', '{"data":[1.0, 1E5,-0, 1e400]}', '[1.0,1E5,-0,1e400]'],
    ['spaces in strings', '{ "data" : { "a b" : " c : , } " } , "x": 1 }', '{"a b":" c : , } "}'],
    ['escapes', '{"data":["\\u00e9\\\\\\"", "\\\\"]}', '["\\u00e9\\\\\\"","\\\\"]'],
    ['line breaks and tabs', '{"data":\t[\n1,\r\n 2 ]}', '[1,2]'],
    ['literals', '{"data": null , "n": true}', 'null'],
    ['a name with escapes', '{"d\\u0061ta": [ 1 ]}', '[1]'],
    ['the last of several', '{"data":[1],"data":[2]}', '[2]'],
    ['no member of a member', '{"x":{"data":1},"y":["data",2]}', undefined],
    ['no value of that name', '{"x":"data"}', undefined],
    ['members that stand twice', '{"data":{"a":1,"a":2}}', '{"a":1,"a":2}'],
    ['an empty object', '{}', undefined]
  ])('keeps %s', (_, json, expected) => {
    expect(memberText(json, 'data')).toBe(expected)
  })

  it('is what JSON.stringify makes of what JSON.parse reads, where that changes nothing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2, '\t'), (data, indent) => {
        const json = JSON.stringify({ a: { data: 1 }, data, z: ['data'] }, null, indent)
        expect(memberText(json, 'data')).toBe(JSON.stringify(data))
      })
    )
  })
})
