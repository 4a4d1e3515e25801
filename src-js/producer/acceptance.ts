import { KinesisAggError } from '../kinesis-agg-error'
import type { Clock, RunningTime } from './clock'
import { type Failure, PutError, type PutErrorCode } from './errors'
import type { Invocation, Invocations } from './invocations'
import { type Pending, RECORD_BYTES } from './pending'
import { readRecord, streamOf } from './record-reader'
import { KEYLESS, type RecordTable, type Settler } from './record-table'
import type { StreamPipeline } from './stream-pipeline'
import type { Streams } from './streams'
import type { Withdrawals } from './withdrawals'

export interface AcceptanceParts {
  clock: Clock
  running: RunningTime
  table: RecordTable
  pending: Pending
  invocations: Invocations
  withdrawals: Withdrawals
  streams: Streams
  /** Nothing was pending until now. */
  begin(): void
  /** Half of the room is taken. */
  wake(): void
}

/** Takes records, or says why not. */
export class Acceptance {
  /** Takes no records any more. */
  isClosed = false
  readonly #parts: AcceptanceParts
  readonly #defaultStream: string | undefined

  /** @param defaultStream for records that name none */
  constructor(parts: AcceptanceParts, defaultStream: string | undefined) {
    this.#parts = parts
    this.#defaultStream = defaultStream
  }

  /**
   * Takes a record.
   *
   * @param name of the stream, where the record names none
   * @returns the error of a record that is refused; nothing of it was taken
   * @throws TypeError `ERR_INVALID_ARG_TYPE`
   * @throws PutError `ERR_MISSING_STREAM`
   */
  accept(
    input: unknown,
    name: string | undefined,
    settler: Settler,
    signal?: AbortSignal
  ): PutError | undefined {
    const streamName = streamOf(input) ?? name ?? this.#defaultStream
    if (streamName === undefined || streamName === '') throw this.refusal('ERR_MISSING_STREAM', input, '')
    if (this.isClosed) return this.refusal('ERR_PRODUCER_CLOSED', input, streamName)
    if (signal?.aborted === true)
      return this.refusal('ABORT_ERR', input, streamName, { cause: signal.reason })
    let record
    try {
      record = readRecord(input as object)
    } catch (error) {
      if (!(error instanceof KinesisAggError)) throw error
      return this.refusal(error.code as PutErrorCode, input, streamName, {}, error.message)
    }
    const { partitionKey, hashKey, data, context } = record
    const { streams, clock, running, table, pending, withdrawals, invocations, begin, wake } = this.#parts
    const stream = streams.get(streamName)
    const { inbox } = stream
    const limit = stream.maxRecordBytes
    // Bytes are at least as many as characters.
    if (partitionKey.length + data.length > limit) return this.#tooLarge(input, stream)
    const most = partitionKey.length * 3 + hashKey.length + data.length * (typeof data === 'string' ? 3 : 1)
    if (!inbox.hasRoomFor(most)) stream.sortInbox()
    const keyBytes = inbox.write(partitionKey, hashKey, data, most)
    const dataBytes = inbox.written
    if (keyBytes + dataBytes > limit) return this.#tooLarge(input, stream)
    const bytes = keyBytes + dataBytes + RECORD_BYTES
    if (!this.#hasRoomFor(stream, bytes, keyBytes, hashKey, partitionKey)) {
      return this.refusal('ERR_BUFFER_FULL', input, streamName)
    }
    const { circuit } = stream
    if (circuit.isFailing && (stream.pendingRecords > 0 || clock.now() < circuit.nextProbe)) {
      return this.refusal(circuit.code, input, streamName, { cause: circuit.cause })
    }
    if (pending.records === 0) begin()
    const slot = table.add(running.coarse(), settler, keyBytes === 0 ? KEYLESS : 0)
    if (context !== undefined) table.contexts[slot] = context
    inbox.push(keyBytes, hashKey.length, dataBytes, slot)
    stream.counters.accepted++
    if (stream.pendingRecords === 0) stream.movedAt = running.coarse()
    stream.pendingRecords++
    stream.pendingBytes += bytes
    if (signal !== undefined || isRecallable(settler)) {
      withdrawals.watch(slot, { input, stream, bytes }, signal)
    }
    const invocation = invocations.current
    if (invocation !== undefined) this.#count(invocation, slot, settler)
    stream.accepted()
    if (!pending.add(bytes)) wake()
    return undefined
  }

  #hasRoomFor(
    stream: StreamPipeline,
    bytes: number,
    keyBytes: number,
    hashKey: string,
    partitionKey: string
  ): boolean {
    const { pending, streams, running } = this.#parts
    if (!pending.hasRoomFor(bytes)) return false
    if (!pending.isHalf) {
      stream.isCrowded = false
      return true
    }
    if (!pending.allowsShare(stream.pendingRecords, stream.pendingBytes, bytes)) return false
    if (!streams.leaveRoom(stream, bytes, running.now())) return false
    if (!stream.isCrowded || keyBytes === 0) return true
    return stream.hasRoomFor(stream.router.laneOf(partitionKey, hashKey === '' ? undefined : hashKey), bytes)
  }

  #tooLarge(input: unknown, stream: StreamPipeline): PutError {
    return this.refusal(
      'ERR_RECORD_TOO_LARGE',
      input,
      stream.name,
      {},
      `The record's key and data have over ${stream.maxRecordBytes} bytes (maxRecordBytes)`
    )
  }

  /** The error of a record that is not taken. */
  refusal(
    code: PutErrorCode,
    input: unknown,
    stream: string,
    failure: Partial<Failure> = {},
    message?: string
  ): PutError {
    this.#parts.streams.find(stream)?.counters.countFailed(code)
    const { context } = (input ?? {}) as { context?: unknown }
    return new PutError(code, input, { stream, context, ...failure }, message)
  }

  #count(invocation: Invocation, slot: number, settler: Settler): void {
    const { watchers } = this.#parts.table
    const watcher = watchers.get(slot)
    invocation.left.add(slot)
    watchers.set(slot, error => {
      watcher?.(error)
      invocation.settled(slot, settler === undefined ? error : undefined)
    })
  }
}

function isRecallable(settler: Settler): boolean {
  return typeof settler === 'object' && settler.isRecallable === true
}
