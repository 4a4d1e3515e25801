import type { KinesisEntry } from './entry'
import { hashKeyIn } from './hash-keys'
import type { Outcome } from './kcl'
import type { PastedShards } from './pasted-shards'
import { countOf } from './words'

/** Why a record is read as it is, for somebody who knows nothing of the format. */
export function explain(entry: KinesisEntry, outcome: Outcome, shards: PastedShards | undefined): string[] {
  if (!entry.isAggregated) {
    return [
      'The record is not packed: all of its bytes are the data that a producer put. Every consumer gets it as it is.'
    ]
  }
  const count = entry.userRecords.length + entry.unreadable.length
  const packed =
    `A Kinesis record can carry many small ones. Producers such as the Kinesis Producer Library (KPL) pack them, ` +
    `because Kinesis bills each record. ` +
    (count === 0
      ? 'This one is such a pack.'
      : `This one holds ${countOf(count, 'user record')}; a consumer has to unpack it.`)
  return [packed, ...outcomeWords(entry, outcome, shards)]
}

const RULE =
  'Kinesis puts a record into a shard by its hash key: a number, which is the MD5 of the partition key unless the ' +
  'producer gave one. Each shard has a range of these numbers. The pack as a whole has one hash key, but each user ' +
  'record in it has its own.'

const CHECK =
  'The Kinesis Client Library (KCL) compares the hash key of each user record with the range of the shard that it reads. ' +
  'If one lies outside, it drops the whole pack, and reports no error.'

function outcomeWords(entry: KinesisEntry, outcome: Outcome, shards: PastedShards | undefined): string[] {
  switch (outcome.kind) {
    case 'plain':
    case 'empty':
      return []
    case 'undecoded':
      return [
        'The record is damaged: bytes were changed or lost after it was packed, often because a program took them for text. ' +
          'KCL does not unpack such a record. It hands the packed bytes to the application, as if they were one user record.',
        ...(entry.userRecords.length > 0
          ? ['What can be read in spite of that is below. Any of it may be wrong.']
          : [])
      ]
    case 'lenient':
      return [
        'A field has a form that the format does not allow. KCL skips some of these; this package refuses them.'
      ]
    case 'unknown':
      return [
        RULE,
        CHECK,
        'The ranges are not in the record. Paste what "aws kinesis list-shards" prints, and you see whether that happens here.'
      ]
    case 'kept':
      return [RULE, CHECK, `Here all of them belong to ${rangeText(outcome.shard)}.`]
    case 'depends':
      return [
        RULE,
        CHECK,
        'All of them belong together, but the input does not say which shard the record was read from. Choose it below.'
      ]
    case 'cut':
      return [
        `KCL unpacks in order. It stops at user record ${outcome.at}, because ${outcome.reason}, and drops it and all behind it. ` +
          'It writes a line into its log, and goes on with the next Kinesis record.'
      ]
    case 'dropped':
      return [RULE, CHECK, droppedWords(entry, outcome, shards)]
  }
}

function droppedWords(
  entry: KinesisEntry,
  { outside, shard }: Outcome & { kind: 'dropped' },
  shards: PastedShards | undefined
): string {
  const owners = outside.slice(0, 2).map(position => {
    const record = entry.userRecords.find(one => one.subSequenceNumber === position)!
    const hashKey = hashKeyIn(record)!
    const owner = shards?.openShardOf(hashKey)?.shardId ?? 'no shard'
    return `user record ${position} (partition key "${record.partitionKey}") has the hash key ${hashKey}, which belongs to ${owner}`
  })
  if (shard === undefined)
    return `Here ${owners.join('; ')}. No shard holds both, so it happens whichever shard the record was read from.`
  return `This pack was read from ${rangeText(shard)}. But ${owners[0]!}.`
}

function rangeText({ shardId, start, end }: { shardId: string; start: bigint; end: bigint }): string {
  return `${shardId}, whose hash keys go from ${start} to ${end}`
}
