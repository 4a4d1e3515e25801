import type { ProducerRecord, PutError, StreamStats } from '../producer'
import { type Target, toServiceError } from './aws'
import { jsonData } from '../inputs/json-row'
import type { Rehearsed } from './rehearsal'
import { printable } from '../inputs/text'
import { counted } from './text'

/** What AWS bills a record by. */
const UNIT_BYTES = 25 * 1024

/** What became of the lines. */
export class PutTally {
  #failed = 0
  #bad = 0
  #firstLine = Infinity
  #isRefused = false
  /** PUT units of the records, if each went by itself. */
  #unitsAlone = 0

  /**
   * @param target for the message that nothing can be stored there
   * @param add writes a record that is not stored
   * @param say writes a message
   */
  constructor(
    private readonly target: Target,
    private readonly add: (line: string) => void,
    private readonly say: (text: string) => void
  ) {}

  /** The producer has got a record; those that it does not store it tells. */
  written(record: ProducerRecord): void {
    this.#unitsAlone += unitsOf(record)
  }

  /** The producer has not stored a record. */
  failed(error: PutError): void {
    const { code, message, maybeStored, record, context } = error
    const { partitionKey = '', explicitHashKey, data } = partsOf(record)
    this.#failed++
    this.#firstLine = Math.min(this.#firstLine, context as number)
    this.#unitsAlone -= unitsOf(record)
    if ((code === 'ERR_ACCESS_DENIED' || code === 'ERR_STREAM_NOT_FOUND') && !this.#isRefused) {
      this.#isRefused = true
      this.say(toServiceError(error.cause ?? error, this.target).message)
    }
    const row = { partitionKey, explicitHashKey, ...jsonData(data), error: { code, message, maybeStored } }
    this.add(`${JSON.stringify(row)}\n`)
  }

  /** A line is no record. */
  bad(line: number, reason: string): void {
    this.#bad++
    this.#firstLine = Math.min(this.#firstLine, line)
    this.say(`line ${line}: ${printable(reason)}`)
  }

  /** Lines from this one on were not read. */
  unread(line: number): void {
    this.#firstLine = Math.min(this.#firstLine, line)
  }

  /** @param stats of the stream, if a record was taken */
  summarize(stats: StreamStats | undefined): void {
    const { delivered = 0, kinesisRecords = 0, putUnits = 0 } = stats ?? {}
    const saved = this.#unitsAlone - putUnits
    this.say(
      `${counted(delivered, 'user record')} stored, ${counted(kinesisRecords, 'Kinesis record')} sent` +
        `${saved > 0 ? `, ${counted(saved, 'PUT unit')} saved` : ''}${this.#notStored()}`
    )
    if (this.#firstLine < Infinity) this.say(`the first line not known to be stored is ${this.#firstLine}`)
  }

  /** @param stats of the stream, if a record was taken */
  summarizeDryRun(stats: StreamStats | undefined, rehearsed: Rehearsed): void {
    const { kinesisRecords, bytes, shards, openShards, seconds } = rehearsed
    this.say(
      `dry run, nothing is stored: ${counted(stats?.delivered ?? 0, 'user record')} ` +
        `in ${counted(kinesisRecords, 'Kinesis record')} of ${counted(bytes, 'byte')} together, ` +
        `for ${shards.toLocaleString('en')} of ${counted(openShards, 'shard')}, ` +
        `would take ${duration(seconds)}${this.#notStored()}`
    )
  }

  #notStored(): string {
    const failed = this.#failed === 0 ? '' : `, ${this.#failed} not stored`
    return this.#bad === 0 ? failed : `${failed}, ${counted(this.#bad, 'line')} without a record`
  }

  /** Of the command. */
  get status(): number {
    if (this.#isRefused) return 3
    return this.#failed > 0 || this.#bad > 0 ? 1 : 0
  }
}

interface Parts {
  partitionKey?: string
  explicitHashKey?: string
  data: Buffer
}

/** Of what the readers of lines made. */
function partsOf(record: unknown): Parts {
  return record as Parts
}

function unitsOf(record: unknown): number {
  const { partitionKey = '', data } = partsOf(record)
  return Math.max(1, Math.ceil((data.length + Buffer.byteLength(partitionKey)) / UNIT_BYTES))
}

function duration(seconds: number): string {
  if (seconds < 1) return 'less than a second'
  if (seconds < 120) return `at least ${Math.ceil(seconds)} s`
  return seconds < 7200
    ? `at least ${Math.ceil(seconds / 60)} min`
    : `at least ${(seconds / 3600).toFixed(1)} h`
}
