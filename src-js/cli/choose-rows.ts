import { colorsFor } from './colors'
import { DataRows, JsonRows, type RowWriter } from './rows'
import { TableRows } from './table'
import { UsageError } from './usage-error'

/** Options of the commands that print user records, for `parseArgs`. */
export const ROW_OPTIONS = {
  json: { type: 'boolean' },
  data: { type: 'boolean' },
  wide: { type: 'boolean' },
  color: { type: 'string' }
} as const

export interface RowOptions {
  json?: boolean | undefined
  data?: boolean | undefined
  wide?: boolean | undefined
  color?: string | undefined
}

/** Of a terminal that does not tell its size. */
const USUAL_COLUMNS = 80

/** Columns of rows that do not go to a terminal. */
const FILE_COLUMNS = 200

/**
 * The form of rows: columns on a terminal or if they are asked for, else JSON.
 *
 * @throws UsageError
 */
export function chooseRows(
  { json = false, data = false, wide = false, color = 'auto' }: RowOptions,
  output: NodeJS.WriteStream
): RowWriter {
  const [first, second] = Object.entries({ '--json': json, '--data': data, '--wide': wide })
    .filter(([, isGiven]) => isGiven)
    .map(([name]) => name)
  if (second !== undefined) throw new UsageError(`${first} and ${second} exclude each other`)
  const colors = colorsFor(color, output.isTTY, process.env)
  if (data) return new DataRows()
  if (json || !(output.isTTY || wide)) return new JsonRows()
  const screen = (): number => (output.isTTY ? output.columns || USUAL_COLUMNS : FILE_COLUMNS)
  return new TableRows(screen, wide, colors)
}
