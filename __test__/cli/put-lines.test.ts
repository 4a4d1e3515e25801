import { describe, expect, it } from 'vitest'
import { linesOf, readObject, readWithPath } from '../../src-js/cli/put-lines'

describe('--key-path', () => {
  const keyOf = (line: string): unknown =>
    (readWithPath('.user.id')(Buffer.from(line)) as { partitionKey: unknown }).partitionKey

  it('takes text and numbers', () => {
    expect(keyOf('{"user":{"id":"007"}}')).toBe('007')
    expect(keyOf('{"user":{"id":9007199254740991}}')).toBe('9007199254740991')
  })

  it.each(['9007199254740992', '12345678901234567890', '1e300'])(
    'refuses %s, which is read as another number',
    id => {
      expect(() => keyOf(`{"user":{"id":${id}}}`)).toThrow(
        'the number at .user.id is too large to be read exactly'
      )
    }
  )
})

describe('an object', () => {
  const dataOf = (line: string | Buffer): string =>
    Buffer.from((readObject(Buffer.from(line as string)) as unknown as { data: Uint8Array }).data).toString()

  it.each([
    ['12345678901234567890', '12345678901234567890'],
    ['1.0', '1.0'],
    ['{ "id": 9007199254740993, "price": 1.10 }', '{"id":9007199254740993,"price":1.10}'],
    ['null', 'null'],
    ['"text with \\u00e9 and\\n"', 'text with é and\n'],
    ['"\\ud83d\\ude00"', '\u{1f600}'],
    ['""', '']
  ])('has the data %s byte for byte, compact', (data, expected) => {
    expect(dataOf(`{"partitionKey":"k", "data": ${data}}`)).toBe(expected)
  })

  it('may have an empty partition key, which is none; without one it is a mistake', () => {
    expect(readObject(Buffer.from('{"partitionKey":"","data":"x"}'))).toMatchObject({ partitionKey: '' })
    expect(() => readObject(Buffer.from('{"data":"x"}'))).toThrow('partitionKey is missing')
  })

  it('must be UTF-8, so that no byte changes', () => {
    const line = Buffer.concat([
      Buffer.from('{"partitionKey":"k","data":"'),
      Buffer.from([0xff]),
      Buffer.from('"}')
    ])
    expect(() => readObject(line)).toThrow('the line is not UTF-8')
    expect(() => readWithPath('.partitionKey')(line)).toThrow('the line is not UTF-8')
  })

  it.each([
    ['7', 'the line is not a JSON object'],
    [
      '{"data":1}',
      'partitionKey is missing; if the line is the data itself, give --key-path, --key or --no-key'
    ],
    ['{"partitionKey":"k"}', 'data is missing, and dataBase64 too'],
    [
      '{"partitionKey":"k","data":"\\ud83d"}',
      'data has half of a surrogate pair, which is no UTF-8: give dataBase64'
    ],
    ['{"partitionKey":"k","dataBase64":"!"}', 'dataBase64 is not base64'],
    ['{"partitionKey":"k","data":1,"explicitHashKey":7}', 'explicitHashKey must be a string of digits']
  ])('%s is refused', (line, message) => {
    expect(() => dataOf(line)).toThrow(message)
  })
})

it('lines are cut byte for byte, wherever the chunks end', async () => {
  const bytes = Buffer.from('one\n\ntwo\xff\r\nend', 'latin1')
  for (let size = 1; size <= bytes.length; size++) {
    const chunks = async function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
    }
    const lines: string[] = []
    for await (const line of linesOf(chunks())) lines.push(line.toString('latin1'))
    expect(lines).toEqual(['one', '', 'two\xff\r', 'end'])
  }
})
