import type { _Record } from '@aws-sdk/client-kinesis'
import { type DeaggregatedRecord, deaggregateSync } from '../index'
import { gunzipped } from './gunzip'
import type { Output } from './output'
import { rawLine } from './raw-record'
import type { RowWriter } from './rows'
import { printable } from '../inputs/text'

/** Which user records are printed, and how. */
export interface Selection {
  /** Only those of this partition key. */
  key: string | undefined
  /** Only those whose data has this text in it. */
  grep: string | undefined
  /** What gzipped data holds is looked at and printed. */
  gunzip: boolean
  /** How many lines are printed. */
  limit: number
}

/** Writes what comes from a stream. */
export class TailWriter {
  /** Kinesis records or user records that could not be read. */
  damaged = 0
  /** Lines that may still be printed. */
  #left: number

  /**
   * @param rows `undefined`: Kinesis records are printed as they are
   * @param say names what is damaged
   * @param count to be told of user records, printed or not
   */
  constructor(
    private readonly output: Output,
    private readonly rows: RowWriter | undefined,
    private readonly selection: Selection,
    private readonly say: (text: string) => void,
    private readonly count: (userRecords: number) => void
  ) {
    this.#left = selection.limit
  }

  /** All that is wanted is printed. */
  get isDone(): boolean {
    return this.#left === 0
  }

  /** @throws the output's error */
  async write(shardId: string, records: readonly _Record[]): Promise<void> {
    for (const record of records) {
      for (const line of this.rows === undefined
        ? [rawLine(shardId, record)]
        : this.#linesOf(shardId, record)) {
        this.output.add(line)
        if (this.output.isFull) await this.output.flush()
      }
      if (this.rows === undefined) {
        this.count(1)
        this.#left--
      }
      if (this.isDone) break
    }
    if (this.rows !== undefined) this.output.add(this.rows.flush())
    await this.output.flush()
  }

  *#linesOf(shardId: string, record: _Record): Iterable<string | Buffer> {
    const userRecords = this.#tryTo(shardId, record, () => deaggregateSync({ ...record, ShardId: shardId }))
    this.count(userRecords?.length ?? 0)
    for (const userRecord of userRecords ?? []) {
      if (this.isDone) return
      if (!this.#isWanted(shardId, record, userRecord)) continue
      this.#left--
      yield this.rows!.add(userRecord)
    }
  }

  /** Also opens its data. */
  #isWanted(shardId: string, record: _Record, userRecord: DeaggregatedRecord): boolean {
    const { key, grep, gunzip } = this.selection
    if (key !== undefined && userRecord.partitionKey !== key) return false
    if (gunzip) {
      const data = this.#tryTo(shardId, record, () => gunzipped(userRecord.data))
      if (data === undefined) return false
      userRecord.data = data
    }
    return grep === undefined || userRecord.data.includes(grep)
  }

  #tryTo<T>(shardId: string, { SequenceNumber }: _Record, action: () => T): T | undefined {
    try {
      return action()
    } catch (error) {
      this.damaged++
      this.say(`${shardId}, sequence number ${SequenceNumber}: ${printable((error as Error).message)}`)
      return undefined
    }
  }
}
