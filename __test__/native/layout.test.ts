import { describe, expect, it } from 'vitest'
import { native } from '../../dist/binding.js'
import * as layout from '../../src-js/native/layout'
import { aggregated } from '../support/wire'

describe('the layout of the index', () => {
  const shared = Object.keys(layout).filter(name => name !== 'ASCII') as Exclude<
    keyof typeof layout,
    'ASCII'
  >[]

  it.each(shared)('%s is the same on both sides', name => {
    expect(layout[name]).toBeTypeOf('number')
    expect((native as Record<string, unknown>)[name]).toBe(layout[name])
  })

  it('no constant stands on one side alone', () => {
    const constants = Object.keys(native).filter(name => /^[A-Z]/.test(name) && name !== 'VERSION')
    expect(constants.toSorted()).toEqual([...shared].toSorted())
  })

  it('is as described', () => {
    const { ASCII, HEADER_WORDS, KEY_WORDS, RECORD_WORDS, STATUS_RECORDS } = layout
    const data = aggregated({
      keys: ['ab', 'é'],
      hashKeys: ['7'],
      records: [
        { key: 1, data: 'xyz' },
        { key: 0, hashKey: 0, data: '' }
      ]
    })
    const index = new Uint32Array(100)
    const words = native.decode(data, data.length, true, index)
    expect(words).toBe(HEADER_WORDS + 3 * KEY_WORDS + 2 * RECORD_WORDS)
    // Magic 4; fields of 2 + 2, 2 + 2 and 2 + 1 bytes; the data of the first record is behind 2 + 2 + 2 more.
    const offsets = { ab: 6, é: 10, hashKey: 14, xyz: 21, empty: 32 }
    const expected = [
      [STATUS_RECORDS, 2, 1, 2, 0],
      [offsets.ab, 2 + ASCII, offsets.é, 2],
      [offsets.hashKey, 1 + ASCII],
      [1, 0, offsets.xyz, 3],
      [0, 1, offsets.empty, 0]
    ]
    expect([...index.subarray(0, words)]).toEqual(expected.flat())
  })
})
