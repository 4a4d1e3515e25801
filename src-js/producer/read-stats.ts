import { oldestPendingMs } from './pending-places'
import type { ProducerCore } from './producer-core'
import type { Histogram, ProducerStats, ShardStats, StreamStats } from './stats'
import type { StreamPipeline } from './stream-pipeline'

/** @param name of one stream alone */
export function readStats(core: ProducerCore, name?: string): ProducerStats {
  const streams: Record<string, StreamStats> = {}
  for (const stream of core.streams) {
    if (name === undefined || stream.name === name) streams[stream.name] = streamStats(stream)
  }
  const only = name === undefined ? undefined : core.streams.find(name)
  return {
    pendingRecords: name === undefined ? core.pending.records : (only?.pendingRecords ?? 0),
    pendingBytes: name === undefined ? core.pending.bytes : (only?.pendingBytes ?? 0),
    inFlight: name === undefined ? core.streams.inFlight : (only?.requests.size ?? 0),
    http2: core.calls.speaksHttp2,
    streams
  }
}

function streamStats(stream: StreamPipeline): StreamStats {
  const { counters } = stream
  const shards: Record<string, ShardStats> = {}
  const shard = (id: string): ShardStats =>
    (shards[id] ??= {
      ...(counters.shards.get(id) ?? { kinesisRecords: 0, bytes: 0, throttled: 0 }),
      ratePerSecond: stream.paceOf(id).ratePerSecond,
      pendingRecords: 0,
      pendingBytes: 0
    })
  for (const { id } of stream.shards.open) shard(id)
  for (const id of counters.shards.keys()) if (id !== '') shard(id)
  for (const lane of stream.lanes) {
    if (lane.shard === undefined) continue
    const of = shard(lane.shard.id)
    of.pendingRecords += lane.records
    of.pendingBytes += lane.bytes
  }
  return {
    accepted: counters.accepted,
    delivered: counters.delivered,
    failed: { ...counters.failed },
    pendingRecords: stream.pendingRecords,
    pendingBytes: stream.pendingBytes,
    oldestPendingMs: oldestPendingMs(stream),
    inFlight: stream.requests.size,
    requests: counters.requests,
    kinesisRecords: counters.kinesisRecords,
    bytes: counters.bytes,
    putUnits: counters.putUnits,
    throttled: counters.throttled,
    retried: counters.retried,
    wrongShard: counters.wrongShard,
    maybeDuplicated: counters.maybeDuplicated,
    roundTrip: copy(counters.roundTrip),
    latency: copy(counters.latency),
    shards
  }
}

function copy({ bucketsMs, counts }: Histogram): Histogram {
  return { bucketsMs, counts: [...counts] }
}
