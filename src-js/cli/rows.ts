import type { DeaggregatedRecord } from '../index'
import { displayWidth, fit, preview, printable, textOf } from './text'

/** Writes user records in one of the forms. What comes back is to be written now. */
export interface RowWriter {
  /** @param shardId where the record lay, if that is known */
  add(record: DeaggregatedRecord, shardId?: string): string | Buffer
  /** What is held back; called when no more records are at hand. */
  flush(): string
}

const PREVIEW_COLUMNS = 60

/** One JSON object a line, which `encode` takes. */
export class JsonRows implements RowWriter {
  add(record: DeaggregatedRecord): string {
    return jsonLine({}, record, { preview: preview(record.data, PREVIEW_COLUMNS) })
  }

  flush(): string {
    return ''
  }
}

/** One JSON object a line, with shard and time; `put` takes it. */
export class LiveJsonRows implements RowWriter {
  add(record: DeaggregatedRecord, shardId?: string): string {
    const { approximateArrivalTimestamp: time } = record
    const place = {
      ...(shardId !== undefined && { shardId }),
      ...(time instanceof Date && { approximateArrivalTimestamp: time.toISOString() })
    }
    return jsonLine(place, record, {})
  }

  flush(): string {
    return ''
  }
}

/** What is known of a record, between what comes `before` it and what comes `after`, then its data. */
function jsonLine(before: object, record: DeaggregatedRecord, after: object): string {
  const { sequenceNumber, subSequenceNumber, aggregated, partitionKey, explicitHashKey = null, data } = record
  const row = {
    ...before,
    sequenceNumber,
    subSequenceNumber,
    aggregated,
    partitionKey,
    explicitHashKey,
    size: data.length,
    ...after,
    ...jsonData(data)
  }
  return `${JSON.stringify(row)}\n`
}

/** Data as `encode` and `put` take it. */
export function jsonData(bytes: Buffer): { data: string } | { dataBase64: string } {
  const text = textOf(bytes)
  return text === undefined ? { dataBase64: bytes.toString('base64') } : { data: text }
}

/** The data alone, each followed by a line break. */
export class DataRows implements RowWriter {
  add(record: DeaggregatedRecord): Buffer {
    return Buffer.concat([record.data, Buffer.from('\n')])
  }

  flush(): string {
    return ''
  }
}

/** Rows that are held back to find the widths of columns. */
const BLOCK_ROWS = 200

/** Data gets what the other columns leave of the terminal, and at least this. */
const MIN_DATA_COLUMNS = 20

const MAX_KEY_COLUMNS = 40

const HEADINGS = ['SEQUENCE NUMBER', 'SUB', 'PARTITION KEY', 'HASH KEY', 'SIZE', 'DATA']
const RIGHT_ALIGNED = new Set([1, 4])

/** Aligned columns for a terminal of so many columns. */
export class TableRows implements RowWriter {
  #rows: [string, string, string, string, string, Buffer][] = []
  #widths: number[] | undefined

  constructor(readonly columns: number) {}

  add(record: DeaggregatedRecord): string {
    this.#rows.push([
      printable(record.sequenceNumber) || '-',
      record.aggregated ? String(record.subSequenceNumber) : '-',
      fit(printable(record.partitionKey), MAX_KEY_COLUMNS) || '-',
      fit(printable(record.explicitHashKey ?? '-'), MAX_KEY_COLUMNS),
      String(record.data.length),
      record.data
    ])
    return this.#rows.length === BLOCK_ROWS ? this.flush() : ''
  }

  flush(): string {
    if (this.#rows.length === 0) return ''
    const isFirst = this.#widths === undefined
    // Columns only grow, so that later blocks stay aligned with earlier ones where they can.
    const widths = (this.#widths ??= HEADINGS.slice(0, -1).map(heading => heading.length))
    for (const row of this.#rows) {
      for (let i = 0; i < widths.length; i++) widths[i] = Math.max(widths[i]!, displayWidth(row[i] as string))
    }
    const taken = widths.reduce((sum, width) => sum + width + 2, 0)
    const dataColumns = Math.max(this.columns - taken, MIN_DATA_COLUMNS)
    const lines = this.#rows.map(row =>
      line([...row.slice(0, -1), preview(row[5], dataColumns)] as string[], widths)
    )
    if (isFirst) lines.unshift(line(HEADINGS, widths))
    this.#rows = []
    return lines.join('')
  }
}

function line(cells: string[], widths: number[]): string {
  const padded = cells.map((cell, i) => {
    const padding = ' '.repeat(Math.max((widths[i] ?? 0) - displayWidth(cell), 0))
    return RIGHT_ALIGNED.has(i) ? padding + cell : cell + padding
  })
  return `${padded.join('  ').trimEnd()}\n`
}
