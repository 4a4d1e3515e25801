import { Writable } from 'node:stream'
import { IncompleteError, MAX_ERRORS, type PutError } from './errors'
import type { RecordOwner } from './record-table'
import type { RecordTaker } from './record-taker'
import { safely } from './teller'
import type { ProducerRecord, PutResult } from './types'

/** Counts what becomes of records. */
class Tally implements RecordOwner {
  readonly wantsResults: boolean
  deliveredCount = 0
  failedCount = 0
  readonly errors: PutError[] = []
  #left = 0
  #settled: (() => void) | undefined
  readonly #onResult: ((result: PutResult) => void) | undefined
  readonly #onFailed: (error: PutError) => void

  constructor(
    onResult: ((result: PutResult) => void) | undefined,
    onFailed: ((error: PutError) => void) | undefined
  ) {
    this.#onResult = onResult
    this.#onFailed = onFailed ?? (() => {})
    this.wantsResults = onResult !== undefined
  }

  /** @returns the error of a record that is refused */
  take(taker: RecordTaker, record: ProducerRecord, signal?: AbortSignal): void {
    this.#left++
    let error: PutError | undefined
    try {
      error = taker.accept(record, this, signal)
    } catch (mistake) {
      this.#left--
      throw mistake
    }
    if (error !== undefined) this.failed(error)
  }

  delivered(result: unknown): void {
    this.deliveredCount++
    if (this.#onResult !== undefined) safely(() => this.#onResult!(result as PutResult))
    this.#end()
  }

  failed(error: unknown): void {
    this.failedCount++
    if (this.errors.length < MAX_ERRORS) this.errors.push(error as PutError)
    safely(() => this.#onFailed(error as PutError))
    this.#end()
  }

  #end(): void {
    if (--this.#left === 0) this.#settled?.()
  }

  /** Fulfils when every record that was taken is settled. */
  async settled(): Promise<void> {
    if (this.#left === 0) return
    await new Promise<void>(resolve => {
      this.#settled = resolve
    })
  }
}

/** See `KinesisProducer.putAll`. */
export async function putAll(
  taker: RecordTaker,
  records: Iterable<ProducerRecord> | AsyncIterable<ProducerRecord>,
  { signal, onFailed }: { signal?: AbortSignal; onFailed?(error: PutError): void }
): Promise<{ delivered: number }> {
  signal?.throwIfAborted()
  const tally = new Tally(undefined, onFailed && (error => onFailed(error)))
  const all = (async () => {
    for await (const record of records) {
      signal?.throwIfAborted()
      tally.take(taker, record, signal)
      if (taker.isHalf) await taker.drained(signal)
    }
    await tally.settled()
  })()
  await (signal === undefined ? all : untilAborted(all, signal))
  if (tally.failedCount > 0) {
    throw new IncompleteError('ERR_PUT_INCOMPLETE', tally.deliveredCount, tally.failedCount, tally.errors)
  }
  return { delivered: tally.deliveredCount }
}

function untilAborted(all: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error)
    signal.addEventListener('abort', abort, { once: true })
    const end = (): void => signal.removeEventListener('abort', abort)
    all.finally(end).then(resolve, reject)
  })
}

/** See `KinesisProducer.createWriteStream`. */
export function createWriteStream(
  taker: RecordTaker,
  { onResult, onFailed }: { onResult?(result: PutResult): void; onFailed?(error: PutError): void }
): Writable {
  const tally = new Tally(onResult && (result => onResult(result)), error => {
    if (onFailed === undefined) stream.destroy(error)
    else onFailed(error)
  })
  const stream = new Writable({
    objectMode: true,
    write(record: ProducerRecord, _, callback) {
      try {
        tally.take(taker, record)
      } catch (error) {
        callback(error as Error)
        return
      }
      if (taker.isHalf) taker.drained().then(() => callback(), callback)
      else callback()
    },
    final(callback) {
      const calm = taker.hurry()
      tally
        .settled()
        .finally(calm)
        .then(() => callback(), callback)
    }
  })
  return stream
}
