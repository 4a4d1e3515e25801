import type { UserRecord } from '../index'
import { displayWidth, fit, preview, printable, textOf } from './text'

/** Writes user records in one of the forms. What comes back is to be written now. */
export interface RowWriter {
  add(record: UserRecord): string | Buffer
  /** What is held back; called when no more records are at hand. */
  flush(): string
}

const PREVIEW_COLUMNS = 60

/** One JSON object a line, which `encode` takes. */
export class JsonRows implements RowWriter {
  add(record: UserRecord): string {
    const {
      sequenceNumber,
      subSequenceNumber,
      aggregated,
      partitionKey,
      explicitHashKey = null,
      data
    } = record
    const text = textOf(data)
    const row = {
      sequenceNumber,
      subSequenceNumber,
      aggregated,
      partitionKey,
      explicitHashKey,
      size: data.length,
      preview: preview(data, PREVIEW_COLUMNS),
      ...(text === undefined ? { dataBase64: data.toString('base64') } : { data: text })
    }
    return `${JSON.stringify(row)}\n`
  }

  flush(): string {
    return ''
  }
}

/** The data alone, each followed by a line break. */
export class DataRows implements RowWriter {
  add(record: UserRecord): Buffer {
    return Buffer.concat([record.data, Buffer.from('\n')])
  }

  flush(): string {
    return ''
  }
}

/** Rows that are held back to find the widths of columns. */
const BLOCK_ROWS = 200

/** Data gets what the other columns leave of the terminal, and at least this. */
const LEAST_DATA_COLUMNS = 20

const MOST_KEY_COLUMNS = 40

const HEADINGS = ['SEQUENCE NUMBER', 'SUB', 'PARTITION KEY', 'HASH KEY', 'SIZE', 'DATA']
const RIGHT_ALIGNED = new Set([1, 4])

/** Aligned columns for a terminal of so many columns. */
export class TableRows implements RowWriter {
  #rows: [string, string, string, string, string, Buffer][] = []
  #widths: number[] | undefined

  constructor(readonly columns: number) {}

  add(record: UserRecord): string {
    this.#rows.push([
      printable(record.sequenceNumber) || '-',
      record.aggregated ? String(record.subSequenceNumber) : '-',
      fit(printable(record.partitionKey), MOST_KEY_COLUMNS) || '-',
      fit(printable(record.explicitHashKey ?? '-'), MOST_KEY_COLUMNS),
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
    const dataColumns = Math.max(this.columns - taken, LEAST_DATA_COLUMNS)
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
