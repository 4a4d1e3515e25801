/** The queue of a lane against a plain list. */
import '../../support/source-binary'
import { expect, it } from 'vitest'
import { RecordBatch } from '../../../src-js/producer/record-batch'
import { RecordQueue, segmentOf } from '../../../src-js/producer/record-queue'
import { RecordTable } from '../../../src-js/producer/record-table'
import { SlabPool } from '../../../src-js/producer/slab'
import { Random } from '../../support/random'

const bytesOf = (slot: number): number => 8 + ((slot * 7919) % 900)
const textOf = (slot: number): string => `${slot}:`.padEnd(bytesOf(slot), 'x')

/** A batch of records, whose bytes tell their slots. */
function batchOf(slots: readonly number[]): RecordBatch {
  const batch = new RecordBatch()
  for (const slot of slots) {
    const bytes = Buffer.from(textOf(slot))
    batch.add(bytes, 0, 3, 2, bytes.length - 5, slot)
  }
  return batch
}

/** The slots of a batch; its bytes must be those of its records. */
function slotsOf(batch: RecordBatch): number[] {
  const offsets = batch.offsets()
  return Array.from({ length: batch.count }, (_, i) => {
    const slot = batch.slot(i)
    expect(batch.bytes.toString('latin1', offsets[i], offsets[i]! + batch.bytesOf(i))).toBe(textOf(slot))
    return slot
  })
}

it.each([1, 2])('appends, merges, gathers, takes, removes and drains as a list does (seed %d)', seed => {
  const random = new Random(seed)
  const table = new RecordTable()
  const pool = new SlabPool()
  const queue = new RecordQueue(pool)
  let list: number[] = []
  /** Records that were taken out, and may come back. */
  let out: number[] = []
  const takeSome = (): void => {
    queue.gather(1 + random.below(400_000))
    const { first, last } = queue.head
    const count = 1 + random.below(Math.min(200, last - first))
    const slots = list.splice(0, count)
    const bytes = slots.reduce((sum, slot) => sum + bytesOf(slot), 0)
    const segment = queue.take(count, bytes)
    const batch = new RecordBatch()
    batch.addSegment(segment)
    pool.release(segment)
    expect(slotsOf(batch)).toEqual(slots)
    out.push(...slots)
  }
  for (let step = 0; step < 150; step++) {
    const what = random.below(10)
    if (what < 5) {
      const slots = Array.from({ length: 1 + random.below(60) }, () => table.add(0, undefined, 0))
      const { bytes, places, end, count } = batchOf(slots)
      queue.append(bytes, 0, end, places, 0, count)
      list.push(...slots)
    } else if (what < 7) {
      if (list.length > 0) takeSome()
    } else if (what === 7) {
      // What comes back goes where it was, by acceptance.
      const back = out.filter(() => random.below(3) === 0)
      out = out.filter(slot => !back.includes(slot))
      queue.merge(batchOf(back).sorted(table), table)
      list.push(...back)
      list = list.toSorted((a, b) => table.sequence[a]! - table.sequence[b]!)
    } else if (what === 8 && random.below(4) === 0) {
      const gone = new Set(list.filter(() => random.below(5) === 0))
      queue.remove(slot => gone.has(slot))
      list = list.filter(slot => !gone.has(slot))
    } else if (what === 9 && random.below(10) === 0) {
      expect(slotsOf(queue.drain())).toEqual(list)
      list = []
    }
    expect(queue.records).toBe(list.length)
    expect(queue.bytes).toBe(list.reduce((sum, slot) => sum + bytesOf(slot), 0))
    if (list.length > 0) expect([queue.firstSlot, queue.lastSlot]).toEqual([list[0], list.at(-1)])
  }
  expect(slotsOf(queue.drain())).toEqual(list)
})

it('gathers no more than is wanted, and at least that, if there is so much', () => {
  const queue = new RecordQueue(new SlabPool())
  const table = new RecordTable()
  for (let i = 0; i < 40; i++) {
    const big = Buffer.alloc(20_000)
    const batch = new RecordBatch()
    batch.add(big, 0, 3, 0, big.length - 3, table.add(0, undefined, 0))
    queue.append(batch.bytes, 0, batch.end, batch.places, 0, 1)
  }
  queue.gather(300_000)
  const { from, end } = queue.head
  expect(end - from).toBeGreaterThanOrEqual(300_000)
  expect(end - from).toBeLessThan(320_000)
  expect(queue.bytes).toBe(800_000)
})

it('a batch picks, sorts by acceptance, and leaves out', () => {
  const table = new RecordTable()
  const slots = Array.from({ length: 20 }, () => table.add(0, undefined, 0))
  const mixed = batchOf([...slots.slice(10), ...slots.slice(0, 10)])
  expect(slotsOf(mixed.sorted(table))).toEqual(slots)
  expect(slotsOf(mixed.pick([3, 0, 19]))).toEqual([slots[13], slots[10], slots[9]])
  const kept = new RecordBatch()
  kept.addSegment(segmentOf(mixed), slot => slot % 2 === 0)
  expect(slotsOf(kept)).toEqual(slotsOf(mixed).filter(slot => slot % 2 === 0))
})
