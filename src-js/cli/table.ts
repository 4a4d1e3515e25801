import type { DeaggregatedRecord } from '../index'
import type { Colors } from './colors'
import { longTime, shortTime } from './local-time'
import { arrivalOf, shardIdOf } from '../inputs/record-place'
import type { RowWriter } from './rows'
import { printable } from '../inputs/text'
import { displayWidth, fit, preview } from './text'

/** Rows that are held back to find the widths of columns. */
const BLOCK_ROWS = 200

const MAX_KEY_COLUMNS = 40
const MIN_KEY_COLUMNS = 8

/** Wide rows may be longer than the screen: data gets at least this. */
const MIN_DATA_COLUMNS = 20

interface Column {
  heading: string
  right?: boolean
  /** At most so many columns, or the share of the screen that keys get. */
  most: number | 'share'
  color: keyof Colors | undefined
  cell(record: DeaggregatedRecord): string
}

const SHORT_TIME: Column = {
  heading: 'TIME',
  most: 23,
  color: 'dim',
  cell: record => timeCell(arrivalOf(record), time => shortTime(time, new Date()))
}
const LONG_TIME: Column = { ...SHORT_TIME, cell: record => timeCell(arrivalOf(record), longTime) }
const SHARD: Column = {
  heading: 'SHARD',
  most: 12,
  right: true,
  color: 'dim',
  cell: record => shardNumber(shardIdOf(record))
}
const SEQUENCE: Column = {
  heading: 'SEQUENCE',
  most: 60,
  color: 'dim',
  cell: record => printable(record.sequenceNumber)
}
const SUB: Column = {
  heading: 'SUB',
  most: 20,
  right: true,
  color: 'dim',
  cell: record => (record.aggregated ? String(record.subSequenceNumber) : '')
}
const KEY: Column = {
  heading: 'KEY',
  most: 'share',
  color: 'cyan',
  cell: record => printable(record.partitionKey)
}
const HASH_KEY: Column = {
  heading: 'HASH KEY',
  most: 40,
  color: undefined,
  cell: record => printable(record.explicitHashKey ?? '')
}
const SIZE: Column = {
  heading: 'SIZE',
  most: 20,
  right: true,
  color: 'dim',
  cell: record => String(record.data.length)
}

/** Without the data, which is the last. */
const NARROW = [SHORT_TIME, SHARD, KEY, SIZE]
const WIDE = [LONG_TIME, SHARD, SEQUENCE, SUB, KEY, HASH_KEY, SIZE]

/** Aligned columns for a terminal. */
export class TableRows implements RowWriter {
  readonly #columns: readonly Column[]
  #rows: { cells: string[]; data: Buffer }[] = []
  #widths: number[] = []
  #screen = 0

  /**
   * @param screen columns of the terminal, asked for again and again; rows fit, but for wide ones
   * @param isWide sequence number, position in the aggregate and explicit hash key too
   */
  constructor(
    private readonly screen: () => number,
    private readonly isWide: boolean,
    private readonly colors: Colors
  ) {
    this.#columns = isWide ? WIDE : NARROW
  }

  add(record: DeaggregatedRecord): string {
    this.#rows.push({ cells: this.#columns.map(column => column.cell(record) || '-'), data: record.data })
    return this.#rows.length === BLOCK_ROWS ? this.flush() : ''
  }

  flush(): string {
    if (this.#rows.length === 0) return ''
    const lines: string[] = []
    const screen = this.screen()
    // Another size is another table, with its own headings.
    const isNew = screen !== this.#screen
    if (isNew) this.#widths = this.#columns.map(({ heading }) => heading.length)
    this.#screen = screen
    const keyColumns = this.isWide
      ? MAX_KEY_COLUMNS
      : Math.max(Math.min(MAX_KEY_COLUMNS, Math.floor(screen / 4)), MIN_KEY_COLUMNS)
    for (const { cells } of this.#rows) {
      for (const [i, { most }] of this.#columns.entries()) {
        cells[i] = fit(cells[i]!, most === 'share' ? keyColumns : most)
        // Columns only grow, so that later blocks stay aligned with earlier ones where they can.
        this.#widths[i] = Math.max(this.#widths[i]!, displayWidth(cells[i]!))
      }
    }
    if (isNew) lines.push(this.#line([...this.#columns.map(({ heading }) => heading), 'DATA'], true))
    const taken = this.#widths.reduce((sum, width) => sum + width + 2, 0)
    const dataColumns = Math.max(screen - taken, MIN_DATA_COLUMNS)
    for (const { cells, data } of this.#rows)
      lines.push(this.#line([...cells, preview(data, dataColumns)], false))
    this.#rows = []
    return lines.join('')
  }

  #line(cells: string[], isHeading: boolean): string {
    let left = this.isWide ? Infinity : this.#screen
    let line = ''
    for (const [i, cell] of cells.entries()) {
      const { right, color } = this.#columns[i] ?? { color: undefined }
      const text = fit(cell, left)
      const padding = ' '.repeat(Math.max(Math.min(this.#widths[i] ?? 0, left) - displayWidth(text), 0))
      const painter = isHeading ? 'bold' : color
      const painted = painter === undefined ? text : this.colors[painter](text)
      const isLast = i === cells.length - 1
      line += right === true ? padding + painted : isLast ? painted : painted + padding
      left -= displayWidth(text) + padding.length + 2
      if (isLast || left <= 0) break
      line += '  '
    }
    return `${line.trimEnd()}\n`
  }
}

function timeCell(time: Date | undefined, format: (time: Date) => string): string {
  return time === undefined ? '' : format(time)
}

/** The number that the ids of shards end with. */
function shardNumber(shardId: string | undefined): string {
  const [, digits] = /^shardId-(\d+)$/.exec(shardId ?? '') ?? []
  return digits === undefined ? printable(shardId ?? '') : String(BigInt(digits))
}
