import assert from 'node:assert/strict'
import type { KinesisEntry } from './kinesis-entry'
import type { Lane } from './lane'
import { forEachPending } from './pending-places'
import type { ProducerCore } from './producer-core'
import type { StreamPipeline } from './stream-pipeline'

/** Throws if a record is not where it should be. For tests: it looks at everything. */
export function assertInvariants(core: ProducerCore): void {
  const places = new Map<number, string>()
  let records = 0
  for (const stream of core.streams) {
    let live = 0
    forEachPending(stream, (slot, place) => {
      assert.equal(
        places.get(slot),
        undefined,
        `record ${slot} is in two places: ${places.get(slot)}, ${place}`
      )
      places.set(slot, place)
      if (core.table.isLive(slot)) live++
      else
        assert(place === 'queue' || place === 'inbox' || place === 'frozen', `a settled record is ${place}`)
    })
    // The rest is settled, but not yet told.
    assert(
      live <= stream.pendingRecords,
      `${live} records, but ${stream.pendingRecords} are counted as pending`
    )
    records += stream.pendingRecords
    assertLanes(core, stream)
  }
  assert.equal(records, core.pending.records, 'pending records of the streams')
  if (records === 0) assert.equal(core.pending.bytes, 0, 'bytes without records')
}

function assertLanes({ table }: ProducerCore, stream: StreamPipeline): void {
  const out = new Map<Lane, KinesisEntry[]>()
  const add = (entry: KinesisEntry): void => {
    assert(!entry.dissolved, 'a Kinesis record that was taken apart is out')
    out.set(entry.lane, [...(out.get(entry.lane) ?? []), entry])
  }
  for (const { entries } of stream.requests) entries.forEach(add)
  for (const { entry } of stream.held) add(entry)
  for (const lane of stream.lanes.retired) {
    assert(lane.isOut, 'a retired lane with nothing out')
    assert(!lane.hasRecords, 'a retired lane that could send')
  }
  const { ordered } = stream.settings
  for (const [lane, entries] of out) {
    assert.equal(entries.length, lane.flights + lane.held, 'Kinesis records of a lane that are out')
    if (ordered && lane.kind !== 'any')
      assert.equal(entries.length, 1, 'several Kinesis records of a lane are out')
  }
  if (ordered && !stream.distribution.isAuto) {
    const lanes = [...out.keys()].filter(({ kind }) => kind !== 'any')
    const sorted = lanes.toSorted((a, b) => (a.lo < b.lo ? -1 : 1))
    for (const [i, lane] of sorted.entries()) {
      if (i > 0) assert(lane.lo > sorted[i - 1]!.hi, 'lanes that are out overlap')
    }
  }
  for (const lane of stream.lanes) {
    assert(!lane.retired, 'a retired lane among those of today')
    assertQueue(lane, table.sequence)
    for (const entry of [...lane.frozen, ...(out.get(lane) ?? [])]) {
      if (lane.kind !== 'any') assert(entry.liesIn(lane), "a record outside of its lane's range")
    }
  }
}

function assertQueue(lane: Lane, sequence: Float64Array): void {
  let before = 0
  let count = 0
  lane.queue.forEachSlot(slot => {
    assert(sequence[slot]! > before, 'a queue that does not ascend')
    before = sequence[slot]!
    count++
  })
  assert.equal(count, lane.queue.records, 'records of a queue')
}
