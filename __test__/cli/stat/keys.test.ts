import { expect, it } from 'vitest'
import { TopKeys } from '../../../src-js/cli/stat-keys'
import { Random } from '../../support/random'

it('counts exactly while there are no more keys than fit', () => {
  const top = new TopKeys(3)
  for (const [key, weight] of [
    ['a', 5],
    ['b', 1],
    ['a', 2],
    ['c', 7],
    ['empty', 0]
  ] as const)
    top.add(key, weight, 's1')
  expect([top.total, top.distinct, top.missed]).toEqual([15, 3, 0])
  expect(top.top(2)).toEqual([
    { key: 'a', weight: 7, shardId: 's1', isOnSeveral: false },
    { key: 'c', weight: 7, shardId: 's1', isOnSeveral: false }
  ])
})

it('knows the shard of a key, and whether its records lay on several', () => {
  const top = new TopKeys()
  const list = [
    ['a', 's1'],
    ['a', 's1'],
    ['b', 's1'],
    ['b', 's2'],
    ['b', 's1'],
    ['c', undefined],
    ['c', undefined]
  ] as const
  for (const [key, shard] of list) top.add(key, 1, shard)
  const places = top.top(3).map(({ key, shardId, isOnSeveral }) => [key, shardId, isOnSeveral])
  expect(places).toEqual([
    ['b', 's1', true],
    ['a', 's1', false],
    ['c', undefined, false]
  ])
})

it('keeps the heavy among a great many light ones, never too high, and within what it says it missed', () => {
  const random = new Random(7)
  const top = new TopKeys(100)
  const truth = new Map<string, number>()
  for (let i = 0; i < 300_000; i++) {
    const key = i % 10 === 0 ? `heavy-${random.below(3)}` : `light-${i}`
    const weight = 1 + random.below(5)
    truth.set(key, (truth.get(key) ?? 0) + weight)
    top.add(key, weight, undefined)
  }
  expect(top.distinct).toBeUndefined()
  expect(top.missed).toBeLessThanOrEqual(top.total / 50)
  const found = top.top(3)
  expect(found.map(({ key }) => key).toSorted()).toEqual(['heavy-0', 'heavy-1', 'heavy-2'])
  for (const { key, weight } of found) {
    expect(weight).toBeLessThanOrEqual(truth.get(key)!)
    expect(weight + top.missed).toBeGreaterThanOrEqual(truth.get(key)!)
  }
  expect(top.top(1000).length).toBeLessThanOrEqual(100)
})

it('keeps the beginning of keys that are too long, and tells them apart', () => {
  const top = new TopKeys()
  const long = 'x'.repeat(1_000_000)
  top.add(`${long}1`, 3, undefined)
  top.add(`${long}2`, 2, undefined)
  top.add(`${long}1`, 3, undefined)
  const found = top.top(2)
  expect(found.map(({ weight }) => weight)).toEqual([6, 2])
  for (const { key } of found) expect(key).toMatch(/^x{256}… \(1000001 characters, MD5 [\da-f]{32}\)$/)
})
