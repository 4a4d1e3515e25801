import type { Entry, KinesisEntry, Problem } from './entry'
import type { Inspection } from './read-input'
import type { Outcome } from './kcl'
import { countOf, listOf, positionsText, sizeOf } from './words'

/** An entry, and what KCL makes of it; a problem has no outcome. */
export interface Judged {
  readonly entry: Entry
  readonly outcome: Outcome | undefined
}

/** All that matters about an input, in one sentence for a ticket. */
export function sentenceOf({ refusal }: Inspection, judged: readonly Judged[]): string {
  if (refusal !== undefined) return `Nothing can be read: ${refusal}.`
  const [one, ...more] = judged
  if (one === undefined) return 'There is no record in it.'
  return more.length === 0 ? sentenceOfOne(one) : sentenceOfMany(judged)
}

/** One record in one sentence. */
export function sentenceOfOne({ entry, outcome }: Judged): string {
  if (entry.kind === 'problem')
    return `This cannot be read: ${entry.name}: ${faultText(entry.code, entry.message)}.`
  const size = sizeOf(entry.bytes.length)
  if (!entry.isAggregated) return `Plain record, not aggregated: ${size}; KCL hands it out as it is.`
  const count = entry.userRecords.length + entry.unreadable.length
  const parts = [countOf(count, 'user record'), size, checksumText(entry)]
  const { fault } = entry
  if (fault === undefined) return `Aggregated (KPL format): ${parts.join(', ')}; ${outcomeText(outcome!)}.`
  const where = fault.malformed === undefined ? '' : `, cannot be read at byte ${fault.malformed.at}`
  const readable = count === 0 ? parts.slice(1) : parts
  return (
    `Damaged, aggregated (KPL format): ${readable.join(', ')}${where} ` +
    `(${faultText(fault.code, fault.message)}); ${outcomeText(outcome!)}.`
  )
}

function faultText(code: string | undefined, message: string): string {
  return code === undefined ? message : `${code}: ${message}`
}

function checksumText({ checksum, fault }: KinesisEntry): string {
  if (fault?.code === 'ERR_INVALID_CHECKSUM') return 'checksum wrong'
  return checksum === undefined ? '' : 'checksum good'
}

/** What KCL does with the user records of one Kinesis record. */
export function outcomeText(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'plain':
      return 'KCL hands it out as it is'
    case 'undecoded':
      return 'KCL would hand it out as one record, without taking it apart'
    case 'lenient':
      return 'what KCL makes of it is not known, as it skips such fields'
    case 'empty':
      return 'KCL would hand out nothing: there is no user record in it'
    case 'unknown':
      return outcome.missing === undefined
        ? "whether KCL drops them is unknown until you paste ListShards' answer"
        : `whether KCL drops them is unknown: ListShards' answer has no shard ${outcome.missing}`
    case 'kept':
      return `KCL would hand out all of them: all belong to ${outcome.shard.shardId}, where they were read`
    case 'dropped':
      return `KCL would drop all of them: ${droppedText(outcome)}`
    case 'depends':
      return `KCL would hand out all of them if they were read from ${orList(outcome.shards.map(({ shardId }) => shardId))}, and else drop all`
    case 'cut':
      return cutText(outcome)
  }
}

function droppedText({ outside, shard }: Outcome & { kind: 'dropped' }): string {
  const positions = positionsText(outside)
  if (shard === undefined && outside.length > 1) return `${positions} belong to different shards`
  return `${positions} ${outside.length === 1 ? 'belongs' : 'belong'} to another shard`
}

function cutText({ at, reason, shardIsKnown }: Outcome & { kind: 'cut' }): string {
  const why = `record ${at} cannot be read (${reason})`
  if (at === 0) return `KCL would drop all of them: ${why}`
  return `KCL would hand out ${shardIsKnown ? '' : 'at most '}the first ${at} and drop the rest: ${why}`
}

/** Shards that are named one by one. */
const NAMED = 3

function orList(names: readonly string[]): string {
  if (names.length > NAMED) return `one of ${names.length} shards`
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)!}`
}

function sentenceOfMany(judged: readonly Judged[]): string {
  const records = judged.map(({ entry }) => entry).filter(entry => entry.kind === 'record')
  if (records.length === 0) return nothingText(judged.map(({ entry }) => entry as Problem))
  const aggregated = records.filter(({ isAggregated }) => isAggregated).length
  const damaged = judged.filter(({ entry }) => entry.kind === 'problem' || entry.fault !== undefined).length
  const userRecords = records.reduce((sum, entry) => sum + entry.userRecords.length, 0)
  const bytes = records.reduce((sum, entry) => sum + entry.bytes.length, 0)
  const kinds = [`${aggregated} aggregated in the KPL format`, `${records.length - aggregated} plain`]
  const parts = [
    `${countOf(records.length, 'Kinesis record')} (${kinds.join(', ')})`,
    countOf(userRecords, 'user record'),
    sizeOf(bytes),
    damaged === 0 ? 'none damaged' : `${damaged} damaged`
  ]
  return `${parts.join(', ')}; ${manyOutcomes(judged)}.`
}

function nothingText([first, ...more]: Problem[]): string {
  const { name, code, message } = first!
  return `Nothing can be read: ${name}: ${faultText(code, message)}, and ${countOf(more.length, 'error')} more.`
}

function manyOutcomes(judged: readonly Judged[]): string {
  const dropped = judged.filter(({ outcome }) => outcome?.kind === 'dropped' || outcome?.kind === 'cut')
  const unknown = judged.filter(({ outcome }) => outcome?.kind === 'unknown' || outcome?.kind === 'depends')
  const texts: string[] = []
  if (dropped.length > 0) {
    const [{ entry, outcome }] = dropped as [Judged, ...Judged[]]
    const what = dropped.length === 1 ? 'what is in one of them' : `what is in ${dropped.length} of them`
    const why = outcome?.kind === 'dropped' ? droppedText(outcome) : 'a user record cannot be read'
    texts.push(`KCL would drop ${what}: in record ${entry.number}, ${why}`)
  }
  if (unknown.length > 0) texts.push(unknownText(unknown))
  if (texts.length === 0) return 'KCL would hand out all that can be read'
  return listOf(texts)
}

function unknownText(unknown: readonly Judged[]): string {
  const needsShards = unknown.some(
    ({ outcome }) => outcome?.kind === 'unknown' && outcome.missing === undefined
  )
  const whose = `for ${unknown.length} of them`
  if (needsShards) return `whether KCL drops user records is unknown until you paste ListShards' answer`
  return `whether KCL drops user records is unknown ${whose} until you say which shard they were read from`
}
