import { createReadStream } from 'node:fs'
import { addAbortSignal } from 'node:stream'
import type { PutError, StreamStats } from '../producer'
import { AWS_OPTIONS, type Target, connect, readTarget, toServiceError } from './aws'
import { PUT_HELP } from './help-live'
import { readOptions } from './options'
import { Output } from './output'
import { type LineReader, linesOf, readObject, readWithKey, readWithPath } from './put-lines'
import { jsonData } from './rows'
import { printable } from './text'
import { UsageError } from './usage-error'

/** How long a stopped command waits for what is on its way. */
const STOP_MS = 5000

const NEWLINE_ONLY = /^\s*$/

/**
 * Puts lines into a stream.
 *
 * @param stop ends the reading; what is on its way gets 5 seconds
 * @returns exit status
 * @throws UsageError
 */
export async function put(args: string[], stop: AbortSignal): Promise<number> {
  const { values, positionals } = parsePut(args)
  const output = new Output(process.stdout)
  if (values.help === true) {
    output.add(PUT_HELP)
    await output.flush()
    return 0
  }
  const [stream, file = '-', ...more] = positionals
  if (stream === undefined || more.length > 0)
    throw new UsageError('put takes one stream, and one file or none')
  if (file === '-' && process.stdin.isTTY) throw new UsageError('name a file, or pipe something in')
  const toRecord = readerFor(values)
  const target = readTarget(stream, values)
  const { client } = connect(target, 'put', true)
  const { KinesisProducer } = require('../producer') as typeof import('../producer')
  const producer = new KinesisProducer({ client, stream })
  const tally = new Tally(output, target)
  producer.on('failed', error => tally.failed(error))
  const input = addAbortSignal(stop, file === '-' ? process.stdin : createReadStream(file))
  let line = 0
  try {
    for await (const bytes of linesOf(input as AsyncIterable<Buffer>)) {
      if (stop.aborted) break
      line++
      if (NEWLINE_ONLY.test(bytes.toString('latin1'))) continue
      let isFull = false
      try {
        isFull = !producer.write({ ...toRecord(bytes), context: line })
      } catch (error) {
        tally.bad(line, (error as Error).message)
      }
      // Also fails when the command is stopped, which the next turn of the loop sees.
      if (isFull) await producer.drained({ signal: stop }).catch(() => {})
      if (output.isFull) await output.flush()
    }
  } catch (error) {
    if (!stop.aborted) {
      producer.abort()
      throw error
    }
  }
  if (stop.aborted) tally.unread(line + 1)
  // Failures are told already, one by one.
  await producer.close(stop.aborted ? { timeoutMs: STOP_MS } : untilStopped(stop, producer)).catch(() => {})
  client.destroy()
  try {
    await output.flush()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
  }
  tally.summarize(producer.stats().streams[stream])
  return tally.status
}

/** Without a limit of time, until the command is stopped. */
function untilStopped(stop: AbortSignal, producer: { close(options: object): Promise<void> }): object {
  stop.addEventListener('abort', () => void producer.close({ timeoutMs: STOP_MS }).catch(() => {}), {
    once: true
  })
  return {}
}

/** What became of the lines. */
class Tally {
  #failed = 0
  #bad = 0
  #firstLine = Infinity
  #refused = false

  constructor(
    private readonly output: Output,
    private readonly target: Target
  ) {}

  failed(error: PutError): void {
    const { code, message, maybeStored, record, context } = error
    this.#failed++
    this.#firstLine = Math.min(this.#firstLine, context as number)
    if ((code === 'ERR_ACCESS_DENIED' || code === 'ERR_STREAM_NOT_FOUND') && !this.#refused) {
      this.#refused = true
      process.stderr.write(`kinesis-agg: ${toServiceError(error.cause ?? error, this.target).message}\n`)
    }
    const { partitionKey, explicitHashKey, data } = record as {
      partitionKey?: string
      explicitHashKey?: unknown
      data: Uint8Array | string
    }
    const row = {
      partitionKey: partitionKey ?? '',
      ...(explicitHashKey !== undefined && { explicitHashKey: String(explicitHashKey) }),
      ...jsonData(Buffer.from(data as Uint8Array)),
      error: { code, message, maybeStored }
    }
    this.output.add(`${JSON.stringify(row)}\n`)
  }

  bad(line: number, reason: string): void {
    this.#bad++
    this.#firstLine = Math.min(this.#firstLine, line)
    process.stderr.write(`kinesis-agg: line ${line}: ${printable(reason)}\n`)
  }

  /** Lines from this one on were not read. */
  unread(line: number): void {
    this.#firstLine = Math.min(this.#firstLine, line)
  }

  summarize(stats: StreamStats | undefined): void {
    const { delivered = 0, kinesisRecords = 0 } = stats ?? {}
    const failed = this.#failed === 0 ? '' : `, ${this.#failed} not stored`
    const bad = this.#bad === 0 ? '' : `, ${this.#bad} lines that are no records`
    process.stderr.write(
      `kinesis-agg: ${delivered} user records stored, ${kinesisRecords} Kinesis records sent${failed}${bad}\n`
    )
    if (this.#firstLine < Infinity) {
      process.stderr.write(`kinesis-agg: the first line not known to be stored is ${this.#firstLine}\n`)
    }
  }

  get status(): number {
    if (this.#refused) return 3
    return this.#failed > 0 || this.#bad > 0 ? 1 : 0
  }
}

interface KeyOptions {
  key?: string | undefined
  'key-path'?: string | undefined
  'no-key'?: boolean | undefined
}

function readerFor({ key, 'key-path': path, 'no-key': none }: KeyOptions): LineReader {
  if ([key, path, none].filter(value => value !== undefined).length > 1)
    throw new UsageError('--key, --key-path and --no-key exclude each other')
  if (key === '') throw new UsageError('--key must not be empty')
  if (path !== undefined) return readWithPath(path)
  return key !== undefined || none === true ? readWithKey(key) : readObject
}

const parsePut = (args: string[]) =>
  readOptions({
    args,
    allowPositionals: true,
    options: {
      ...AWS_OPTIONS,
      help: { type: 'boolean', short: 'h' },
      key: { type: 'string' },
      'key-path': { type: 'string' },
      'no-key': { type: 'boolean' }
    }
  })
