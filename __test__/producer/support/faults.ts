/** Faults of an endpoint, to be put together. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { RefuseEntry } from '../../../src-js/testing/memory-kinesis'
import type { MemoryShard } from '../../../src-js/testing/memory-stream'
import { type Answer, type Fault, type Reply, json } from './endpoint'

/** The same reply to each call; nothing is stored. */
export const always =
  (reply: Reply): Fault =>
  () =>
    reply

/** Stores what the call brings, then replies so. */
export const storedThen =
  (reply: Reply): Fault =>
  async (_, store) => {
    await store()
    return reply
  }

/** One fault for the first call, one for the next, and so on; then none. `undefined` is a call without a fault. */
export function inTurn(...faults: (Fault | undefined)[]): Fault {
  let turn = 0
  return (call, store) => faults[turn++]?.(call, store)
}

export function times(count: number, fault: Fault): Fault {
  return inTurn(...Array.from({ length: count }, () => fault))
}

/** Real milliseconds before the call is carried out, and before its answer goes. */
export function delayed(before: () => number, after: () => number, fault?: Fault): Fault {
  return async (call, store) => {
    await sleep(before())
    const reply = (await fault?.(call, store)) ?? (await store())
    await sleep(after())
    return reply
  }
}

/** Changes the answer of Kinesis. */
export const altered =
  (change: (body: { Records: Record<string, unknown>[] }) => unknown): Fault =>
  async (_, store) => {
    const answer = await store()
    return json(change(JSON.parse(String(answer.body)) as never), answer.status)
  }

/** Refuses some entries, each by itself, before Kinesis sees them. */
export function failEntries(code: (position: number) => string | undefined, message = 'refused'): Fault {
  return async (call, store) => {
    const entries = call.input.Records!
    const codes = entries.map((_, i) => code(i))
    call.input.Records = entries.filter((_, i) => codes[i] === undefined)
    const stored =
      call.input.Records.length === 0
        ? []
        : (JSON.parse(String((await store()).body)) as { Records: object[] }).Records
    call.input.Records = entries
    const Records = codes.map(ErrorCode =>
      ErrorCode === undefined ? stored.shift()! : { ErrorCode, ErrorMessage: message }
    )
    return json({ FailedRecordCount: codes.filter(Boolean).length, Records })
  }
}

/** A shard's limits as Kinesis sets them: 1,000 records and 1 MiB a second, with a burst of one second. */
export function shardLimits(scale = 1): RefuseEntry {
  const buckets = new WeakMap<MemoryShard, { records: number; bytes: number; at: number }>()
  const most = { records: 1000 * scale, bytes: (1 << 20) * scale }
  return (entry, shard) => {
    const now = performance.now()
    const bucket = buckets.get(shard) ?? { ...most, at: now }
    buckets.set(shard, bucket)
    const seconds = (now - bucket.at) / 1000
    bucket.at = now
    bucket.records = Math.min(most.records, bucket.records + seconds * most.records)
    bucket.bytes = Math.min(most.bytes, bucket.bytes + seconds * most.bytes)
    const bytes = entry.Data.length + Buffer.byteLength(entry.PartitionKey ?? '')
    if (bucket.records < 1 || bucket.bytes < bytes) {
      return {
        ErrorCode: 'ProvisionedThroughputExceededException',
        ErrorMessage: `Rate exceeded for shard ${shard.id}`
      }
    }
    bucket.records--
    bucket.bytes -= bytes
    return undefined
  }
}

/** A proxy with a limit on requests. */
export const bodyLimit =
  (bytes: number): Fault =>
  call =>
    call.body.length > bytes
      ? { status: 413, body: '<html>too large</html>', headers: { 'content-type': 'text/html' } }
      : undefined

export const page = (status: number, text = '<html>no JSON</html>'): Answer => ({
  status,
  body: text,
  headers: { 'content-type': 'text/html' }
})

/**
 * All requests share a link with so many bytes a second: each waits for those before it. It has stored nothing of a
 * request that would take longer than `longestMs`.
 */
export function thinLink(bytesPerSecond: number, longestMs: number): Fault {
  let free = 0
  return async ({ body }) => {
    const now = performance.now()
    const end = Math.max(free, now) + (body.length / bytesPerSecond) * 1000
    if (end - now > longestMs) return 'mute'
    free = end
    await new Promise(resolve => setTimeout(resolve, end - now))
    return undefined
  }
}
