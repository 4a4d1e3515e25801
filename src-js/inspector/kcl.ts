import type { KinesisEntry } from './entry'
import { hashKeyIn } from './hash-keys'
import { type PastedShard, type PastedShards, isInside } from './pasted-shards'

/** What a consumer on KCL (with its default settings) is handed of a Kinesis record. */
export type Outcome =
  /** A plain record: itself. */
  | { readonly kind: 'plain' }
  /** KCL cannot take it apart either, and hands it out as if it were a plain record. */
  | { readonly kind: 'undecoded' }
  /** It is damaged in a way that KCL may read over. */
  | { readonly kind: 'lenient' }
  /** There is no user record in it. */
  | { readonly kind: 'empty' }
  /** The shards are not known, or they do not have the one that the record was read from. */
  | { readonly kind: 'unknown'; readonly missing: string | undefined }
  /** All of it. */
  | { readonly kind: 'kept'; readonly shard: PastedShard }
  /** Nothing: these user records belong to other shards; `shard` is where it was read from, if that is known. */
  | { readonly kind: 'dropped'; readonly outside: readonly number[]; readonly shard: PastedShard | undefined }
  /** All of it if it was read from one of these shards, else nothing. */
  | { readonly kind: 'depends'; readonly shards: readonly PastedShard[] }
  /** Nothing from one user record on, which cannot be read. */
  | { readonly kind: 'cut'; readonly at: number; readonly reason: string; readonly shardIsKnown: boolean }

/** Reasons of the codec for which KCL hands out what comes before the user record. See docs/interop.md. */
const CUTTING = new Set([13, 14])

/** Reasons of the codec for fields that KCL skips: a tag that is too long, a wrong wire type. */
const SKIPPED = new Set([3, 5])

/** Where KCL stops to read an aggregate, and why. */
interface Stop {
  at: number
  reason: string
}

/**
 * @param shards as ListShards answered, if that is known
 * @param readFrom the shard that the record was read from, if the record itself does not name it
 */
export function outcomeOf(
  entry: KinesisEntry,
  shards: PastedShards | undefined,
  readFrom: string | undefined
): Outcome {
  if (!entry.isAggregated) return { kind: 'plain' }
  const { fault } = entry
  if (fault?.code === 'ERR_INVALID_CHECKSUM') return { kind: 'undecoded' }
  if (fault !== undefined && !CUTTING.has(fault.malformed?.reason ?? 0)) {
    return SKIPPED.has(fault.malformed?.reason ?? 0) ? { kind: 'lenient' } : { kind: 'undecoded' }
  }
  const { hashKeys, stop } = readLikeKcl(entry)
  if (hashKeys.length === 0 && stop === undefined) return { kind: 'empty' }
  if (stop?.at === 0) return { kind: 'cut', ...stop, shardIsKnown: true }
  const shardId = entry.shardId ?? readFrom
  const shard = shardId === undefined ? undefined : shards?.find(shardId)
  if (shard !== undefined) {
    const outside = positionsOf(hashKeys, hashKey => !isInside(shard, hashKey))
    if (outside.length > 0) return { kind: 'dropped', outside, shard }
  }
  if (shards !== undefined && shardId === undefined) {
    const holders = shards.holdersOf(hashKeys)
    if (holders.length === 0) return { kind: 'dropped', outside: apart(hashKeys, shards), shard }
    if (stop === undefined) return { kind: 'depends', shards: holders }
  }
  if (stop !== undefined) return { kind: 'cut', ...stop, shardIsKnown: shard !== undefined }
  if (shard === undefined) return { kind: 'unknown', missing: shards && shardId }
  return { kind: 'kept', shard }
}

/** The hash keys of the user records that KCL comes to, in order, and where it stops. */
function readLikeKcl({ userRecords, unreadable }: KinesisEntry): {
  hashKeys: bigint[]
  stop: Stop | undefined
} {
  const [first] = unreadable
  const hashKeys: bigint[] = []
  for (const record of userRecords) {
    if (first !== undefined && record.subSequenceNumber > first.position) break
    const hashKey = hashKeyIn(record)
    if (hashKey === undefined) {
      const reason = `its explicit hash key is no number`
      return { hashKeys, stop: { at: record.subSequenceNumber, reason } }
    }
    hashKeys.push(hashKey)
  }
  const stop = first && { at: first.position, reason: 'it names a key that is not there' }
  return { hashKeys, stop }
}

/** The first user record, and those that do not belong to its shard. */
function apart(hashKeys: readonly bigint[], shards: PastedShards): number[] {
  const home = shards.openShardOf(hashKeys[0]!)
  const others = positionsOf(hashKeys, hashKey => home === undefined || !isInside(home, hashKey))
  return home === undefined ? others : [0, ...others]
}

function positionsOf(hashKeys: readonly bigint[], test: (hashKey: bigint) => boolean): number[] {
  return hashKeys.flatMap((hashKey, position) => (test(hashKey) ? [position] : []))
}
