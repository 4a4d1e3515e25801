import { expect, it } from 'vitest'
import { Fence } from '../../../src-js/producer/fence'

const range = (lo: number, hi: number) => ({ lo: BigInt(lo), hi: BigInt(hi) })

it('blocks what has a hash key in common with a range, its ends included, and nothing else', () => {
  const fence = new Fence([range(40, 49), range(10, 19)])
  const blocked = Array.from({ length: 60 }, (_, key) => key).filter(key => fence.blocks(range(key, key)))
  const inside = (from: number) => Array.from({ length: 10 }, (_, i) => from + i)
  expect(blocked).toEqual([...inside(10), ...inside(40)])
  expect(fence.blocks(range(20, 39))).toBe(false)
  expect(fence.blocks(range(19, 39))).toBe(true)
  expect(fence.blocks(range(20, 40))).toBe(true)
  expect(fence.blocks(range(0, 60))).toBe(true)
})

it('ranges may overlap, lie in one another or touch', () => {
  const fence = new Fence([range(0, 30), range(5, 6), range(20, 40), range(41, 41), range(43, 50)])
  for (const key of [0, 6, 7, 30, 31, 40, 41, 43, 50]) expect(fence.blocks(range(key, key))).toBe(true)
  for (const key of [42, 51]) expect(fence.blocks(range(key, key))).toBe(false)
})

it('sees ranges that come and go, when it is told', () => {
  const ranges = new Set<{ lo: bigint; hi: bigint }>()
  const fence = new Fence(ranges)
  expect(fence.blocks(range(0, 100))).toBe(false)
  const one = range(5, 9)
  ranges.add(one)
  fence.changed()
  expect(fence.blocks(range(0, 100))).toBe(true)
  ranges.delete(one)
  fence.changed()
  expect(fence.blocks(range(0, 100))).toBe(false)
})

it('leaves the ranges as they are', () => {
  const ranges = [range(0, 10), range(5, 20)]
  new Fence(ranges).blocks(range(0, 0))
  expect(ranges).toEqual([range(0, 10), range(5, 20)])
})
