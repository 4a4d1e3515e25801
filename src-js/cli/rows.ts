import type { DeaggregatedRecord } from '../index'
import { jsonLine } from '../inputs/json-row'

/** Writes user records in one of the forms. What comes back is to be written now. */
export interface RowWriter {
  add(record: DeaggregatedRecord): string | Buffer
  /** What is held back; called when no more records are at hand. */
  flush(): string
}

/** One JSON object a line, which `encode` and `put` take. */
export class JsonRows implements RowWriter {
  add(record: DeaggregatedRecord): string {
    return jsonLine(record)
  }

  flush(): string {
    return ''
  }
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
