import { LINGER_MS, TARGET_BYTES } from './stat-cost'
import type { DropReason } from './stat-kcl'
import { type BillReport, type KeyReport, type Report, SHARD_BYTES, SHARD_RECORDS } from './stat-report'
import { printable } from '../inputs/text'
import { displayWidth, fit } from './text'

/** Shards that are listed; `--json` has all. */
const MAX_SHARDS = 10
const MAX_KEY_COLUMNS = 40

/**
 * A report for people.
 *
 * @param columns at which sentences are broken into lines
 */
export function textOf(report: Report, columns: number): string {
  const { kinesisRecords } = report.sample
  const parts =
    kinesisRecords === 0
      ? [['There are no Kinesis records, and so no answers.']]
      : [aggregationText(report), kclText(report), keysText(report), peakText(report), costText(report)]
  return [sampleText(report), ...parts]
    .map(lines => `${lines.map(line => wrapped(line, columns)).join('\n')}\n`)
    .join('\n')
}

function sampleText({ sample }: Report): string[] {
  const { stream, file, from, until, shards, maxBytesPerShard, cutShards, damaged } = sample
  const name = stream === undefined ? (file === '-' ? 'standard input' : `file ${file}`) : `stream ${stream}`
  const span = from === null ? '' : `, ${from} to ${until}`
  const most =
    maxBytesPerShard === null
      ? ''
      : `at most ${size(maxBytesPerShard)} of each of ${counted(shards ?? 0, 'shard')}: `
  const records = counted(sample.kinesisRecords, 'Kinesis record')
  const userRecords = counted(sample.userRecords, 'user record')
  const bad = damaged === 0 ? '' : `, ${number(damaged)} damaged`
  const lines = [
    `Sample: ${printable(name)}${span}`,
    `  ${most}${records} of ${size(sample.bytes)}, ${userRecords}${bad}`
  ]
  if (cutShards.length > 0) {
    const named = cutShards.slice(0, MAX_SHARDS).map(({ shardId, at }) => `${shardNumber(shardId)} at ${at}`)
    lines.push(
      `  There was more of ${counted(cutShards.length, 'shard')}: ${listed(named, cutShards.length)}`
    )
  }
  return lines
}

function aggregationText({ aggregation, sample }: Report): string[] {
  const { aggregates, userRecordsInAggregates, writers } = aggregation
  if (aggregates === 0) return ['Aggregated? No.']
  const each = (userRecordsInAggregates / aggregates).toFixed(1)
  const share = percent(aggregates / sample.kinesisRecords)
  return [
    `Aggregated? ${number(aggregates)} of ${counted(sample.kinesisRecords, 'Kinesis record')} (${share}), with ${each} user records each.`,
    '  By whom is a guess:',
    ...writers.map(
      ({ guess, trace, aggregates: count }) => `    ${number(count)} by ${guess}, because ${trace}`
    )
  ]
}

const REASONS: Record<DropReason, string> = {
  range: 'a user record belongs to another shard: all of the aggregate is dropped',
  hashKey: 'a hash key is no number: that user record and all after it are dropped',
  index: 'a user record names a key that is not there: it and all after it are dropped'
}

function kclText({ kcl, aggregation }: Report): string[] {
  const lines = [kclAnswer(kcl, aggregation.aggregates)]
  for (const reason of Object.keys(REASONS) as DropReason[]) {
    if (kcl.byReason[reason] > 0) lines.push(`  ${number(kcl.byReason[reason])}: ${REASONS[reason]}`)
  }
  if (kcl.examples.length > 0) {
    const rows = kcl.examples.map(({ shardId, sequenceNumber, userRecords }) => [
      number(userRecords),
      shardId === null ? '-' : shardNumber(shardId),
      printable(sequenceNumber) || '-'
    ])
    lines.push(...table([['USER RECORDS', 'SHARD', 'SEQUENCE NUMBER, FOR EXAMPLE'], ...rows], 2))
  }
  if (kcl.unknownAggregates > 0 && kcl.verdict === 'drops')
    lines.push(`  ${unknownText(kcl.unknownAggregates)}`)
  if (kcl.serviceManaged)
    lines.push(
      '  Kinesis distributes the records of this stream (AUTO): KCL drops aggregates of such streams.'
    )
  return lines
}

function kclAnswer(
  { verdict, kinesisRecords, userRecords, unknownAggregates }: Report['kcl'],
  aggregates: number
) {
  if (verdict === 'drops')
    return `Would KCL drop anything? Yes: ${counted(userRecords, 'user record')} of ${counted(kinesisRecords, 'Kinesis record')}.`
  if (verdict === 'unknown') return `Would KCL drop anything? Unknown. ${unknownText(unknownAggregates)}`
  return aggregates === 0
    ? 'Would KCL drop anything? No: it drops only what is aggregated.'
    : 'Would KCL drop anything? No: all user records of this sample belong to the shards on which they lay.'
}

function unknownText(aggregates: number): string {
  return `Of ${counted(aggregates, 'aggregate')} it is not known which hash keys their shards had: that takes records with ShardId, and --shards.`
}

function keysText({ keys: { byBytes, byRecords } }: Report): string[] {
  return [
    `Which keys dominate? ${distinctText(byRecords)}`,
    ...keyTable(byBytes, 'BYTES', size),
    ...keyTable(byRecords, 'RECORDS', number)
  ]
}

function distinctText({ distinct, missed, total }: KeyReport): string {
  if (distinct !== null) return `There are ${counted(distinct, 'partition key')} of user records.`
  const most = percent(Math.ceil((missed / total) * 1000) / 1000)
  return `There are too many partition keys to count them all: each number is "at least", and too low by ${most} of all at most; no key with more than that twice is left out.`
}

function keyTable({ keys, distinct }: KeyReport, unit: string, show: (weight: number) => string): string[] {
  if (keys.length === 0) return []
  const atLeast = distinct === null ? '≥ ' : ''
  const rows = keys.map(({ partitionKey, weight, share, shardId }) => [
    `${atLeast}${show(weight)}`,
    `${atLeast}${percent(share)}`,
    shardId === null ? '-' : shardNumber(shardId),
    fit(printable(partitionKey), MAX_KEY_COLUMNS) || '""'
  ])
  return table([[unit, 'SHARE', 'SHARD', 'PARTITION KEY'], ...rows], 3)
}

function peakText({ shards }: Report): string[] {
  const heading = `Peak second of each shard, against ${size(SHARD_BYTES)} and ${number(SHARD_RECORDS)} Kinesis records:`
  const rows = shards
    .slice(0, MAX_SHARDS)
    .map(({ shardId, peakBytes, peakRecords }) => [
      ...(peakBytes === null
        ? ['-', '-', '-']
        : [size(peakBytes.bytes), percent(peakBytes.ofLimit), clock(peakBytes.at)]),
      ...(peakRecords === null
        ? ['-', '-', '-']
        : [number(peakRecords.records), percent(peakRecords.ofLimit), clock(peakRecords.at)]),
      shardId === null ? 'unknown, perhaps several' : shardNumber(shardId)
    ])
  const lines = [
    heading,
    ...table([['BYTES', 'OF LIMIT', 'AT (UTC)', 'RECORDS', 'OF LIMIT', 'AT (UTC)', 'SHARD'], ...rows], 6)
  ]
  if (shards.length > MAX_SHARDS) lines.push(`  and ${number(shards.length - MAX_SHARDS)} more with less`)
  return lines
}

function costText({ cost }: Report): string[] {
  const { mode, asIs, alone, aggregated } = cost
  const lines = [`What does it cost? ${MODES[mode ?? 'UNKNOWN']}`]
  const hasDays = asIs.perDay !== null
  const units: [keyof NonNullable<BillReport['perDay']>, string][] = [['kinesisRecords', 'KINESIS RECORDS']]
  if (mode !== 'ON_DEMAND') units.push(['putUnits', 'PUT UNITS'])
  if (mode !== 'PROVISIONED') units.push(['roundedKilobytes', 'KB ROUNDED UP'])
  const billed = units.at(-1)!
  const rows = (
    [
      ['as it is', asIs],
      ['each user record by itself', alone],
      ['aggregated by one producer', aggregated]
    ] as [string, BillReport][]
  ).map(([name, bill]) => [
    ...units.map(([field]) => number(bill[field])),
    ...(hasDays ? units.slice(1).map(([field]) => number(bill.perDay![field])) : []),
    name
  ])
  const headings = [
    ...units.map(([, heading]) => heading),
    ...(hasDays ? units.slice(1).map(([, heading]) => `${heading} A DAY`) : []),
    ''
  ]
  lines.push(...table([headings, ...rows], headings.length - 1))
  return [...lines, `  ${savingText(billed[0], asIs, alone, aggregated)}`]
}

const MODES = {
  PROVISIONED: 'The stream is provisioned: by PUT payload units of 25 KB, beside the hours of its shards.',
  ON_DEMAND: 'The stream is on demand: by data, each Kinesis record rounded up to 1 KB, beside its hours.',
  UNKNOWN:
    'By PUT payload units of 25 KB if provisioned, by data with each record rounded up to 1 KB if on demand.'
}

function savingText(
  field: 'kinesisRecords' | 'putUnits' | 'roundedKilobytes',
  asIs: BillReport,
  alone: BillReport,
  aggregated: BillReport
): string {
  const saved = 1 - asIs[field] / alone[field]
  const more = 1 - aggregated[field] / asIs[field]
  const already = saved > 0.005 ? `Aggregation saves ${percent(saved)} already. ` : ''
  return more > 0.005
    ? `${already}One producer that aggregates (${LINGER_MS} ms, ${number(TARGET_BYTES)} bytes) would save ${percent(more)}${already === '' ? '' : ' of the rest'}; several producers would save less.`
    : `${already}Aggregation would save nothing${already === '' ? '' : ' more'}.`
}

/** Breaks a line between words; what follows is indented by two more. Rows of tables, which fit, stay as they are. */
function wrapped(line: string, columns: number): string {
  if (displayWidth(line) <= columns) return line
  const indent = `${/^ */.exec(line)![0]}  `
  const lines = ['']
  for (const word of line.split(/(?<=\S) /)) {
    const present = lines.at(-1)!
    if (present !== '' && displayWidth(present) + 1 + displayWidth(word) > columns) lines.push(indent + word)
    else lines[lines.length - 1] = present === '' ? word : `${present} ${word}`
  }
  return lines.join('\n')
}

/** Rows of cells, the first `rightAligned` of which are aligned to the right. */
function table(rows: string[][], rightAligned: number): string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map(row => displayWidth(row[i]!))))
  return rows.map(row => {
    const cells = row.map((cell, i) => {
      const padding = ' '.repeat(widths[i]! - displayWidth(cell))
      return i < rightAligned ? padding + cell : cell + padding
    })
    return `  ${cells.join('  ')}`.trimEnd()
  })
}

function listed(names: string[], count: number): string {
  return names.join(', ') + (count > names.length ? ` and ${number(count - names.length)} more` : '')
}

/** `shardId-000000000012` is 12. */
function shardNumber(shardId: string): string {
  return printable(/^shardId-0*(\d+)$/.exec(shardId)?.[1] ?? shardId)
}

function clock(iso: string): string {
  return iso.slice(11, 19)
}

function counted(count: number, name: string): string {
  return `${number(count)} ${name}${count === 1 ? '' : 's'}`
}

function number(value: number): string {
  return value.toLocaleString('en')
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  const [divisor, unit] =
    bytes < 2 ** 20 ? [1024, 'KiB'] : bytes < 2 ** 30 ? [2 ** 20, 'MiB'] : [2 ** 30, 'GiB']
  const value = bytes / (divisor as number)
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${unit}`
}
