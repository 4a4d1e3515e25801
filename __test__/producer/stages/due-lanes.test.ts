import '../../support/source-binary'
import { expect, it } from 'vitest'
import { DueLanes } from '../../../src-js/producer/due-lanes'
import { Lane } from '../../../src-js/producer/lane'
import { ShardPace } from '../../../src-js/producer/shard-pace'
import { SlabPool } from '../../../src-js/producer/slab'
import { Random } from '../../support/random'

const pace = (): ShardPace => new ShardPace(1, undefined, 0)
const laneOf = (of = pace()): Lane => new Lane('key', { lo: 0n, hi: 0n }, undefined, of, new SlabPool())

/** The lanes that are due by a moment, in order. */
function takeAll(due: DueLanes, now: number): Lane[] {
  const taken: Lane[] = []
  for (let lane = due.takeDue(now); lane !== undefined; lane = due.takeDue(now)) taken.push(lane)
  return taken
}

it('lanes come in the order of their moments', () => {
  const random = new Random(1)
  const due = new DueLanes()
  const moments = new Map<Lane, number>()
  for (let i = 0; i < 200; i++) {
    const lane = laneOf()
    moments.set(lane, random.below(1000))
    due.addLater(lane, moments.get(lane)!)
  }
  const expected = [...moments.values()].toSorted((a, b) => a - b)
  expect(due.nextAt).toBe(expected[0])
  const early = takeAll(due, 500)
  const late = takeAll(due, 1000)
  expect([...early, ...late].map(lane => moments.get(lane))).toEqual(expected)
  expect(Math.max(...early.map(lane => moments.get(lane)!))).toBeLessThanOrEqual(500)
  expect(due.nextAt).toBe(Infinity)
})

it('the earliest moment of a lane holds, and none once it is due', () => {
  const due = new DueLanes()
  const [first, second] = [laneOf(), laneOf()]
  due.addLater(first, 100)
  due.addLater(first, 50)
  due.addLater(first, 200)
  due.addLater(second, 60)
  expect(due.nextAt).toBe(50)
  expect(takeAll(due, 50)).toEqual([first])
  due.add(second, 10, 55)
  expect(due.nextAt).toBe(Infinity)
  due.addLater(second, 56)
  expect(takeAll(due, 1000)).toEqual([])
})

it('counts the lanes that are due and their bytes, and since when', () => {
  const due = new DueLanes()
  const [first, second] = [laneOf(), laneOf()]
  expect(due.since).toBe(Infinity)
  due.add(first, 100, 5)
  due.add(second, 10, 7)
  due.add(first, 150, 9)
  expect(due).toMatchObject({ count: 2, bytes: 160, since: 5 })
  expect(first.pace.due).toEqual([first])
  due.remove(first)
  due.remove(first)
  expect(due).toMatchObject({ count: 1, bytes: 10, since: 5 })
  due.remove(second)
  expect(due).toMatchObject({ count: 0, bytes: 0, since: Infinity })
})

it('a lane that moves to another shard is due there', () => {
  const due = new DueLanes()
  const [from, to] = [pace(), pace()]
  const [lane, other] = [laneOf(from), laneOf(from)]
  due.add(lane, 1, 0)
  due.move(lane, to)
  due.move(other, to)
  expect([from.due, to.due]).toEqual([[], [lane]])
  expect(due.paces.has(to)).toBe(true)
  expect([lane.pace, other.pace]).toEqual([to, to])
  expect(due.count).toBe(1)
})
