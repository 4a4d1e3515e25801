import { Acceptance } from './acceptance'
import { type Clock, RunningTime, Timer, systemClock } from './clock'
import { ConnectionGate } from './connection-gate'
import { PutError } from './errors'
import { FlushWaits } from './flush-waits'
import { InboxPool } from './inbox'
import { Invocations } from './invocations'
import { killStream } from './kill-stream'
import { Notices, type ProducerFace } from './notices'
import type { ProducerSettings } from './options'
import { Pending } from './pending'
import { forEachUntouchable } from './pending-places'
import { type Holder, holdProcess, releaseProcess } from './process-exit'
import type { ProducerParts } from './producer-parts'
import { RecordTable } from './record-table'
import { RequestSlots } from './request-slots'
import type { SdkCalls } from './sdk-calls'
import { SequentialPuts } from './sequential-puts'
import { Settlement } from './settlement'
import { SlabPool } from './slab'
import type { StreamPipeline } from './stream-pipeline'
import { Streams } from './streams'
import { Teller } from './teller'
import { Withdrawals } from './withdrawals'

/** What is asked for while nothing is pending holds the process no longer than this. */
const IDLE_MS = 1000

/** All streams of a producer: how its parts are joined, when it does something, and how it ends. */
export class ProducerCore implements Holder {
  readonly pending: Pending
  readonly table = new RecordTable()
  readonly waits: FlushWaits
  readonly calls: SdkCalls
  readonly invocations = new Invocations()
  readonly withdrawals: Withdrawals
  readonly streams: Streams
  readonly acceptance: Acceptance
  readonly #settings: ProducerSettings
  readonly #clock: Clock
  readonly #running: RunningTime
  readonly #teller: Teller
  readonly #settlement: Settlement
  readonly #slabs = new SlabPool()
  readonly #inboxes = new InboxPool()
  readonly #notices: Notices
  readonly #slots: RequestSlots
  readonly #sequential: SequentialPuts
  readonly #wakeTimer: Timer
  readonly #idleTimer: Timer
  readonly #closeTimer: Timer
  #hurries = 0
  #turn = 0
  #isWoken = false
  #isKilled = false
  #isHeld = false

  constructor(settings: ProducerSettings, calls: SdkCalls, face: ProducerFace, clock: Clock = systemClock) {
    this.#settings = settings
    this.calls = calls
    this.#clock = clock
    this.#running = new RunningTime(clock)
    this.#teller = new Teller(clock, () => this.waits.check())
    this.waits = new FlushWaits(() => this.#teller.isIdle)
    this.#notices = new Notices({ face, teller: this.#teller, waits: this.waits, clock })
    this.pending = new Pending(settings.maxPendingRecords, settings.maxPendingBytes, () =>
      this.#notices.emit('drain', {})
    )
    this.#settlement = new Settlement({
      table: this.table,
      slabs: this.#slabs,
      pending: this.pending,
      waits: this.waits,
      teller: this.#teller,
      running: this.#running,
      writeFailed: (stream, sequence, error) => this.#notices.writeFailed(stream, sequence, error),
      done: () => this.#someSettled()
    })
    this.withdrawals = new Withdrawals(this.table, this.#settlement, () => this.wake())
    this.#sequential = new SequentialPuts(clock, () =>
      this.#notices.warn(
        'SEQUENTIAL_PUTS',
        'Each put was awaited before the next one, so that each pays lingerMs and a round trip: put without waiting for each, or use write or putAll'
      )
    )
    this.#wakeTimer = new Timer(clock, () => this.wake())
    this.#idleTimer = new Timer(clock, () => this.#goIdle(), false)
    this.#closeTimer = new Timer(clock, () => this.kill())
    const gate = new ConnectionGate()
    const parts: ProducerParts = {
      clock,
      running: this.#running,
      table: this.table,
      slabs: this.#slabs,
      inboxes: this.#inboxes,
      calls,
      gate,
      pending: this.pending,
      settlement: this.#settlement,
      maxInFlight: settings.maxInFlight,
      requestTimeoutMs: settings.requestTimeoutMs,
      permanentErrorGraceMs: settings.permanentErrorGraceMs,
      isHurried: stream =>
        this.acceptance.isClosed || this.#hurries > 0 || this.pending.isHurried || this.waits.hurry(stream),
      emit: (event, ...args) => this.#notices.emit(event, ...args),
      warn: (code, message) => this.#notices.warn(code, message),
      wake: () => this.wake()
    }
    this.streams = new Streams(parts, settings.streamSettings)
    this.#slots = new RequestSlots(settings.maxInFlight, calls, gate, this.streams)
    this.acceptance = new Acceptance(
      {
        clock,
        running: this.#running,
        table: this.table,
        pending: this.pending,
        invocations: this.invocations,
        withdrawals: this.withdrawals,
        streams: this.streams,
        begin: () => this.#begin(),
        wake: () => this.wake()
      },
      settings.stream
    )
  }

  get pendingRecords(): number {
    return this.pending.records
  }

  /** Tells of a written record that was refused. */
  tellRefused(error: PutError): void {
    const invocation = this.invocations.current
    invocation?.fail(error)
    const stream = this.streams.find(error.stream) ?? this
    this.#teller.push(1, () => this.#notices.writeFailed(stream, undefined, error))
  }

  /** Errors of records that an invocation leaves behind: whether they may be stored. */
  unfinished(slots: readonly number[]): PutError[] {
    const untouchable = new Set<number>()
    for (const stream of this.streams) forEachUntouchable(stream, slot => untouchable.add(slot))
    return slots.map(
      slot =>
        new PutError(
          'ERR_RECORD_EXPIRED',
          undefined,
          { stream: '', maybeStored: untouchable.has(slot), context: this.table.contexts[slot] },
          'The record was not stored when the time of the invocation was up; it is still being delivered'
        )
    )
  }

  /** A put comes: `await put` in a loop is slow. */
  notePut(): void {
    this.#sequential.put(this.pending.records === 0)
  }

  #begin(): void {
    this.#running.start()
    this.#idleTimer.clear()
    if (this.#isHeld) return
    this.#isHeld = true
    holdProcess(this)
  }

  #someSettled(): void {
    if (!this.waits.isEmpty) this.waits.check()
    if (this.pending.records > 0) return
    this.#sequential.empty()
    this.#running.stop()
    this.table.shrink()
    this.#isHeld = false
    releaseProcess(this)
    this.wake()
    if (!this.acceptance.isClosed) this.#idleTimer.set(this.#clock.now() + IDLE_MS)
  }

  /** Nothing has been pending for a while: nothing holds the process, and memory goes back. */
  #goIdle(): void {
    if (this.pending.records > 0) return
    this.#slabs.clear()
    this.#inboxes.clear()
    for (const stream of this.streams) if (!stream.isActive) stream.knowledge.stop()
  }

  wake(): void {
    if (this.#isWoken || this.#isKilled) return
    this.#isWoken = true
    queueMicrotask(this.#pump)
  }

  /** Sends what may be sent now, and finds out when more may be. */
  readonly #pump = (): void => {
    this.#isWoken = false
    if (this.#isKilled) return
    this.withdrawals.retry()
    const now = this.#clock.now()
    const active: StreamPipeline[] = []
    for (const stream of this.streams) if (stream.isActive) active.push(stream)
    for (const stream of active) stream.prepare(now)
    // Each in its turn, and another one first each time.
    const first = active.length === 0 ? 0 : this.#turn++ % active.length
    const inTurn = first === 0 ? active : [...active.slice(first), ...active.slice(0, first)]
    let sent = inTurn.length > 0
    while (sent) {
      sent = false
      for (const stream of inTurn) if (this.#slots.isFreeFor(stream, now) && stream.send(now)) sent = true
    }
    let wakeAt = Infinity
    for (const stream of active) {
      stream.findWakeAt(now)
      wakeAt = Math.min(wakeAt, stream.wakeAt)
    }
    this.#wakeTimer.set(wakeAt)
  }

  /** Waits until what was accepted before is settled. @param stream of one alone */
  async flush(stream: StreamPipeline | undefined, signal?: AbortSignal): Promise<void> {
    const left = stream === undefined ? this.pending.records : stream.pendingRecords
    const wait = this.waits.wait(stream, this.table.nextSequence, left, signal)
    this.wake()
    return wait
  }

  /** Waits until a stream answers and its shards are known, or known to be hidden. */
  async ready(name: string | undefined, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    const streamName = name ?? this.#settings.stream
    if (streamName === undefined) throw this.acceptance.refusal('ERR_MISSING_STREAM', undefined, '')
    const stream = this.streams.get(streamName)
    await new Promise<void>((resolve, reject) => {
      const end = (settle: () => void): void => {
        stream.readyWaits.delete(check)
        signal?.removeEventListener('abort', abort)
        settle()
      }
      const abort = (): void => end(() => reject(signal!.reason as Error))
      const check = (): void => {
        const { circuit, knowledge } = stream
        if (this.acceptance.isClosed)
          end(() => reject(this.acceptance.refusal('ERR_PRODUCER_CLOSED', undefined, streamName)))
        else if (circuit.isFailing) {
          const { code, cause } = circuit
          end(() => reject(this.acceptance.refusal(code, undefined, streamName, { cause })))
        } else if (knowledge.isKnown) end(resolve)
      }
      stream.readyWaits.add(check)
      signal?.addEventListener('abort', abort, { once: true })
      check()
      this.wake()
    })
  }

  /** Linger is waived until what it returns is called. */
  hurry(): () => void {
    this.#hurries++
    this.wake()
    return () => {
      this.#hurries--
    }
  }

  async drained(signal?: AbortSignal): Promise<void> {
    const wait = this.pending.drained(signal)
    this.wake()
    return wait
  }

  /** Takes no records any more. */
  refuse(): void {
    this.acceptance.isClosed = true
    this.wake()
  }

  /** What is not settled by then is given up. */
  killBy(at: number, reason: unknown): void {
    if (at <= this.#clock.now()) this.kill(reason)
    else this.#closeTimer.setBy(at)
  }

  /** Gives up what is pending; nothing is sent any more. */
  kill(reason?: unknown): void {
    if (this.#isKilled) return
    this.#isKilled = this.acceptance.isClosed = true
    for (const stream of this.streams) {
      killStream(stream, this.#settlement, { code: 'ERR_PRODUCER_ABORTED', cause: reason })
      for (const check of stream.readyWaits) check()
    }
    this.stop()
  }

  /** Stops timers and calls; nothing is pending. */
  stop(): void {
    this.#wakeTimer.clear()
    this.#idleTimer.clear()
    this.#closeTimer.clear()
    for (const stream of this.streams) stream.knowledge.stop()
    this.#isKilled = true
  }

  now(): number {
    return this.#clock.now()
  }
}
