import { EventEmitter } from 'node:events'
import type { Writable } from 'node:stream'
import { invalidArgument } from '../errors'
import { assertInvariants } from './invariants'
import type { PutError } from './errors'
import { createWriteStream, putAll } from './many-records'
import { readProducerOptions } from './options'
import { makeClient } from './own-client'
import { ProducerCore } from './producer-core'
import { readStats } from './read-stats'
import { type RecordTaker, registerTaker } from './record-taker'
import { SdkCalls } from './sdk-calls'
import type { ProducerStats } from './stats'
import { safely } from './teller'
import type {
  KinesisProducerOptions,
  ProducerEvents,
  ProducerRecord,
  PutResult,
  StreamOptions
} from './types'

/** The delivery of one stream: see the methods of the same names of {@link KinesisProducer}. */
export type StreamHandle = Pick<
  KinesisProducer,
  'put' | 'write' | 'putAll' | 'createWriteStream' | 'ready' | 'drained' | 'flush' | 'stats'
>

// A promise whose `resolve` alone is kept: each that waits costs memory for what it keeps.
let kept: (result: unknown) => void
const keep = (resolve: (result: any) => void): void => {
  kept = resolve
}

/**
 * Delivers records to Kinesis streams: aggregated per shard, in the order of each key, retried, paced, and told of.
 *
 * @example
 * const producer = new KinesisProducer({ stream: 'events' })
 * await producer.put({ partitionKey: user, data: json })
 * await producer.close()
 */
export class KinesisProducer extends EventEmitter<ProducerEvents> implements AsyncDisposable {
  readonly #core: ProducerCore
  readonly #ownClient: SdkCalls | undefined
  #closing: Promise<void> | undefined

  /**
   * Makes a producer. It asks for nothing before the first record.
   *
   * @throws TypeError `ERR_INVALID_ARG_TYPE`: an option is none of its values
   */
  constructor(options?: KinesisProducerOptions) {
    super()
    const settings = readProducerOptions(options)
    const calls = new SdkCalls(settings.client ?? makeClient(settings.clientConfig))
    if (settings.client === undefined) this.#ownClient = calls
    this.#core = new ProducerCore(settings, calls, {
      emit: (event, ...args) => this.#emitSafely(event, args),
      emitFailed: error => this.#emitSafely('failed', [error])
    })
    registerTaker(this, this.#taker(undefined))
  }

  /**
   * Delivers a record.
   *
   * @param options `signal` takes the record back as long as it waits and no attempt of it may be stored
   * @returns fulfilled when Kinesis has stored the record
   * @throws PutError by rejection: any {@link PutErrorCode}, and the record is settled
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, by rejection: the record, its stream, its key or its data is of the wrong type
   *
   * @example
   * const { shardId, sequenceNumber } = await producer.put({ partitionKey: 'device-1', data: 'on' })
   */
  put(record: ProducerRecord, options?: { signal?: AbortSignal | undefined }): Promise<PutResult> {
    return this.#put(record, undefined, options?.signal)
  }

  #put(
    record: ProducerRecord,
    stream: string | undefined,
    signal: AbortSignal | undefined
  ): Promise<PutResult> {
    const promise = new Promise<PutResult>(keep)
    const resolve = kept
    this.#core.notePut()
    try {
      const refusal = this.#core.acceptance.accept(record, stream, resolve, signal)
      if (refusal !== undefined) resolve(Promise.reject(refusal))
    } catch (mistake) {
      resolve(Promise.reject(mistake as Error))
    }
    return promise
  }

  /**
   * Takes a record to deliver it. If it fails, or is refused, there is a `'failed'` event.
   *
   * @returns false: wait for `'drain'` or {@link drained} before you write more. It may be ignored up to the limits
   * @throws TypeError `ERR_INVALID_ARG_TYPE`: the record, its stream, its key or its data is of the wrong type
   * @throws PutError `ERR_MISSING_STREAM`. Whatever depends on data or load is an event
   *
   * @example
   * if (!producer.write({ partitionKey: 'device-1', data: 'on' })) await producer.drained()
   */
  write(record: ProducerRecord): boolean {
    return this.#write(record, undefined)
  }

  #write(record: ProducerRecord, stream: string | undefined): boolean {
    const refusal = this.#core.acceptance.accept(record, stream, undefined)
    if (refusal !== undefined) this.#core.tellRefused(refusal)
    return !this.#core.pending.isHalf
  }

  /**
   * Delivers many records, no faster than there is room for them.
   *
   * @param options `onFailed` is called for each record that fails; `signal` ends it, and takes back what waits
   * @returns fulfilled when all are stored, with their number
   * @throws IncompleteError `ERR_PUT_INCOMPLETE`, by rejection, when all are settled and some failed
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, by rejection at the first record that is none; so does PutError
   * `ERR_MISSING_STREAM`, and so does what `records` throws. Records before it are delivered all the same
   * @throws the reason of `signal`, by rejection, as soon as it is aborted
   *
   * @example
   * await producer.putAll(lines.map(line => ({ partitionKey: line.id, data: line.text })))
   */
  putAll(
    records: Iterable<ProducerRecord> | AsyncIterable<ProducerRecord>,
    options?: { signal?: AbortSignal | undefined; onFailed?(error: PutError): void }
  ): Promise<{ delivered: number }> {
    return putAll(this.#taker(undefined), records, definedOnly(options))
  }

  /**
   * A stream in object mode that delivers what is written to it. Its `'finish'` means that all is stored. Without
   * `onFailed` the first failure destroys it; the producer goes on.
   *
   * It never throws. The stream is destroyed (`'error'`, `pipeline` rejects) with the `PutError` of the first failure
   * unless there is `onFailed`, and in any case with a `TypeError` `ERR_INVALID_ARG_TYPE` for what is no record, and with a
   * `PutError` `ERR_MISSING_STREAM`.
   *
   * @param options `onResult` is called for each record that is stored, `onFailed` for each that fails
   *
   * @example
   * await pipeline(source, producer.createWriteStream())
   */
  createWriteStream(options?: {
    onResult?(result: PutResult): void
    onFailed?(error: PutError): void
  }): Writable {
    return createWriteStream(this.#taker(undefined), options ?? {})
  }

  /**
   * Waits until the producer's stream answers and its shards are known, or known to be hidden. For a start-up or a health
   * check: no put needs it.
   *
   * @throws PutError by rejection: `ERR_STREAM_NOT_FOUND` or `ERR_ACCESS_DENIED` after `permanentErrorGraceMs`,
   * `ERR_MISSING_STREAM`, `ERR_PRODUCER_CLOSED`
   * @throws the reason of `signal`, by rejection
   */
  ready(options?: { signal?: AbortSignal | undefined }): Promise<void> {
    return this.#core.ready(undefined, options?.signal)
  }

  /**
   * Waits until there is room again: at once below half of the limits, else until below a quarter. Meanwhile linger is
   * waived.
   *
   * @throws the reason of `signal`, by rejection; nothing else
   */
  drained(options?: { signal?: AbortSignal | undefined }): Promise<void> {
    return this.#core.drained(options?.signal)
  }

  /**
   * The delivery of one stream.
   *
   * @param stream name or ARN
   * @param options that hold for the stream from now on, for all who put records into it; those that are left out or
   * `undefined` stay as they are. They hold for records that wait as well; but a Kinesis record that was sent before
   * the call, and was not stored, may be sent again as it is
   * @throws TypeError `ERR_INVALID_ARG_TYPE`: `stream` is no string or empty, or an option is none of its values
   *
   * @example
   * const audit = producer.forStream('audit', { aggregation: false, lingerMs: 0 })
   * await audit.put({ partitionKey: 'user-1', data: 'signed in' })
   */
  forStream(stream: string, options?: StreamOptions): StreamHandle {
    if (typeof stream !== 'string' || stream === '') {
      throw invalidArgument('stream', "a stream's name or ARN", stream)
    }
    if (options !== undefined) this.#core.streams.configure(stream, options)
    const core = this.#core
    const taker = this.#taker(stream)
    const handle: StreamHandle = {
      put: (record, options) => this.#put(record, stream, options?.signal),
      write: record => this.#write(record, stream),
      putAll: (records, options) => putAll(taker, records, definedOnly(options)),
      createWriteStream: options => createWriteStream(taker, options ?? {}),
      ready: options => core.ready(stream, options?.signal),
      drained: options => core.drained(options?.signal),
      flush: options => core.flush(core.streams.get(stream), options?.signal),
      stats: () => readStats(core, stream)
    }
    registerTaker(handle, taker)
    return handle
  }

  /**
   * Sends what was accepted before without waiting for more, and waits until each record is settled.
   *
   * @param options `signal` ends the wait only
   * @throws IncompleteError `ERR_FLUSH_INCOMPLETE`, by rejection: a written record failed, and this waited for it or
   * nobody listened
   * @throws the reason of `signal`, by rejection
   */
  flush(options?: { signal?: AbortSignal | undefined }): Promise<void> {
    return this.#core.flush(undefined, options?.signal)
  }

  /**
   * Takes no more records, flushes, and stops. Called again it is the same promise, and the earlier deadline counts.
   *
   * @param options `timeoutMs`: what is not settled by then fails with `ERR_PRODUCER_ABORTED`. Without it the TTL of the
   * records is the limit
   * @throws IncompleteError `ERR_FLUSH_INCOMPLETE`, by rejection, as {@link flush}
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, at once: `timeoutMs` is no number of at least 0
   */
  close(options?: { timeoutMs?: number | undefined }): Promise<void> {
    const timeoutMs = options?.timeoutMs ?? Infinity
    if (typeof timeoutMs !== 'number' || !(timeoutMs >= 0)) {
      throw invalidArgument('timeoutMs', 'a number of at least 0', timeoutMs)
    }
    return this.#close(timeoutMs, undefined)
  }

  #close(timeoutMs: number, reason: unknown): Promise<void> {
    this.#core.refuse()
    if (timeoutMs < Infinity) this.#core.killBy(this.#core.now() + timeoutMs, reason)
    this.#closing ??= this.#end()
    return this.#closing
  }

  async #end(): Promise<void> {
    try {
      await this.#core.flush(undefined)
    } finally {
      this.#core.stop()
      this.#ownClient?.destroy()
    }
  }

  /**
   * Gives up what is pending: `close({ timeoutMs: 0 })`. It never throws; records fail with `ERR_PRODUCER_ABORTED`.
   *
   * @param reason the `cause` of their errors
   */
  abort(reason?: unknown): void {
    this.#close(0, reason).catch(() => {})
  }

  /**
   * For `await using`: {@link close} without a limit of time.
   *
   * @throws IncompleteError as {@link close}
   */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /**
   * A handler of AWS Lambda that ends when all that it put is settled, within the time that is left, and fails if a
   * record failed that it wrote, so that the event comes again. The producer is made outside of the handler.
   *
   * When it rejects, the answer of the handler is gone, that of `processEvent` for example. In the function of a stream
   * use `forwardEvent`, or `await put`.
   *
   * @throws IncompleteError `ERR_FLUSH_INCOMPLETE`, by rejection of the handler: `errors` tell of each record whether it
   * may be stored
   * @param options `reserveMs`: before the end of Lambda's own time. @default 500
   *
   * @example
   * export const handler = producer.wrapHandler(async event => {
   *   for (const order of event.orders) producer.write({ partitionKey: order.id, data: JSON.stringify(order) })
   * })
   */
  wrapHandler<H extends (event: any, context: any, ...rest: any[]) => any>(
    handler: H,
    options?: { reserveMs?: number | undefined }
  ): H {
    const core = this.#core
    return core.invocations.wrap(
      handler,
      options?.reserveMs,
      () => core.hurry(),
      slots => core.unfinished(slots)
    )
  }

  /** What happened since the producer began, and what is pending: plain numbers, a copy. It never throws. */
  stats(): ProducerStats {
    return readStats(this.#core)
  }

  /** @internal For tests: throws if records are not where they should be. */
  assertInvariants(): void {
    assertInvariants(this.#core)
  }

  #taker(stream: string | undefined): RecordTaker {
    const core = this.#core
    return {
      accept: (record, owner, signal) => core.acceptance.accept(record, stream, owner, signal),
      get isHalf() {
        return core.pending.isHalf
      },
      drained: signal => core.drained(signal),
      hurry: () => core.hurry(),
      recall: (isRecalled, reason) => {
        core.withdrawals.recall(isRecalled, reason)
        core.wake()
      }
    }
  }

  /** Listeners do not harm each other, nor the producer. @returns whether there are any */
  #emitSafely<E extends keyof ProducerEvents>(event: E, args: ProducerEvents[E]): boolean {
    const listeners = this.rawListeners(event) as ((...args: ProducerEvents[E]) => void)[]
    for (const listener of listeners) safely(() => listener.apply(this, args))
    return listeners.length > 0
  }
}

/** Options without those that are undefined. */
function definedOnly(
  options: { signal?: AbortSignal | undefined; onFailed?(error: PutError): void } | undefined
): {
  signal?: AbortSignal
  onFailed?(error: PutError): void
} {
  const { signal, onFailed } = options ?? {}
  return { ...(signal !== undefined && { signal }), ...(onFailed !== undefined && { onFailed }) }
}
