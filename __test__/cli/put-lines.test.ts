import { describe, expect, it } from 'vitest'
import { readWithPath } from '../../src-js/cli/put-lines'

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
