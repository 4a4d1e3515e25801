/** What errors mean. */
import { expect, it } from 'vitest'
import { namedEntries, namesStream } from '../../../src-js/producer/outcome'

it('entries that a validation error names count from 1', () => {
  const message = (n: number): string =>
    `1 validation error detected: Value at 'records.${n}.member.data' failed to satisfy constraint`
  expect([...namedEntries(message(1), 3)]).toEqual([0])
  expect([...namedEntries(`${message(3)}; ${message(2)}`, 3)]).toEqual([2, 1])
  for (const n of [0, 4]) expect([...namedEntries(message(n), 3)]).toEqual([])
  expect([...namedEntries('something is wrong', 3)]).toEqual([])
})

it.each([
  ["Value 'x y' at 'streamName' failed to satisfy constraint", true],
  ['StreamARN is malformed', true],
  ["Value at 'records.1.member.partitionKey' failed to satisfy constraint", false],
  ['an upstream of ours', false]
])('%s: about the stream: %s', (message, isStream) => {
  expect(namesStream(message)).toBe(isStream)
})
