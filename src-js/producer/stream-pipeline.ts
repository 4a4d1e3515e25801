/**
 * The way of a record through a producer, and how its stages are joined. Each stage knows the next one's input alone.
 *
 *     put, write ── RecordReader ── RecordTable, Inbox          accepted: bytes copied, nobody asked where it belongs
 *         RecordRouter, Lanes (KeyChooser, StreamShards)        sorted by shard, many at once, when a lane may be due
 *         Departures (DueLanes)                                 full, or waited long enough, or somebody hurries
 *         RequestBatcher (ShardPace, Fence, EntryEncoder)       aggregates are encoded when they may leave
 *         RequestSender (PutAttempt)                            one try, ended by our own clock
 *         AnswerReader (FailedRequests, UnstoredEntries)        stored, again, or never: outcome, StreamCircuit, RequestLimits
 *         HeldAnswers                                           stored, but perhaps outside of its shard
 *         Settlement ── Teller                                  told once
 *
 * StreamKnowledge asks for shards and for who distributes the records; Expiry ends what waits too long.
 */
import { AnswerReader } from './answer-reader'
import { Distribution } from './distribution'
import { Departures } from './departures'
import { EntryEncoder } from './entry-encoder'
import { Expiry } from './expiry'
import { HeldAnswers } from './held-answers'
import { Inbox, TARGET_BYTES } from './inbox'
import { KeyChooser } from './key-chooser'
import type { Lane } from './lane'
import { Lanes, type Routing } from './lanes'
import type { StreamSettings } from './options'
import type { PutRequest } from './put-request'
import type { ProducerParts } from './producer-parts'
import { RecordRouter } from './record-router'
import { RequestBatcher } from './request-batcher'
import { RequestLimits } from './request-limits'
import { RequestSender } from './request-sender'
import { streamId } from './sdk-calls'
import type { SettledStream } from './settlement'
import { ShardHulls } from './shard-hulls'
import type { ShardPace } from './shard-pace'
import { ShardPaces } from './shard-paces'
import { StreamCircuit } from './stream-circuit'
import { type MapChange, StreamKnowledge } from './stream-knowledge'
import { StreamShards } from './stream-shards'
import { StreamCounters } from './stats'

/** A stream of whose records none is stored for so long does not get on. */
export const STALLED_MS = 2000

/** The delivery of one stream's records. */
export class StreamPipeline implements SettledStream {
  readonly name: string
  settings: StreamSettings
  readonly counters = new StreamCounters()
  pendingRecords = 0
  pendingBytes = 0
  /** When one of its records was stored last, or the first of those pending was accepted; in running time. */
  movedAt = -Infinity
  readonly inbox: Inbox
  /** A lane has more than its share of the limits. */
  isCrowded = false
  readonly shards = new StreamShards()
  readonly distribution: Distribution
  /** What answers tell of the shards, while there is no map. */
  readonly hulls = new ShardHulls()
  readonly circuit: StreamCircuit
  readonly limits: RequestLimits
  readonly lanes: Lanes
  readonly router: RecordRouter
  readonly held: HeldAnswers
  readonly knowledge: StreamKnowledge
  readonly batcher: RequestBatcher
  readonly expiry: Expiry
  readonly departures: Departures
  readonly sender: RequestSender
  /** Nothing is sent before this moment: something is being repaired. */
  blockedUntil = 0
  /** When something happens by itself. */
  wakeAt = Infinity
  lastUsed = 0
  /** Those who wait until the stream is known. */
  readonly readyWaits = new Set<() => void>()
  readonly parts: ProducerParts
  readonly #keys: KeyChooser
  readonly #paces: ShardPaces
  #isReady = false
  /** What DescribeStreamSummary says of the bytes of a record. */
  #describedRecordBytes = 0

  constructor(name: string, settings: StreamSettings, parts: ProducerParts) {
    this.name = name
    this.settings = settings
    this.parts = parts
    const { clock, table, slabs, running } = parts
    const id = streamId(name)
    this.inbox = new Inbox(parts.inboxes)
    this.distribution = new Distribution(settings.recordDistribution)
    this.circuit = new StreamCircuit(parts.permanentErrorGraceMs)
    this.limits = new RequestLimits(parts.requestTimeoutMs, parts.maxInFlight)
    this.#paces = new ShardPaces(settings.rateLimit, clock)
    this.departures = new Departures(this)
    this.lanes = new Lanes({
      pool: slabs,
      shards: this.shards,
      paceOf: shardId => this.#paces.of(shardId),
      move: (lane, pace) => this.departures.due.move(lane, pace),
      unblocked: () => parts.wake()
    })
    this.router = new RecordRouter({
      table,
      pool: slabs,
      shards: this.shards,
      lanes: this.lanes,
      routing: () => this.#routing,
      chooseKeys: (batch, again) => this.#keys.choose(batch, this.shards.open, again),
      grown: (lane, fresh) => this.#grown(lane, fresh)
    })
    this.#keys = new KeyChooser(table, {
      waitingAt: position => this.lanes.waitingAt(position),
      isTroubledAt: position => this.#paces.of(this.shards.open[position]!.id).isTroubled(clock.now())
    })
    this.batcher = new RequestBatcher(
      this.departures.due,
      this.lanes.fence,
      this.router,
      new EntryEncoder(table),
      table
    )
    this.held = new HeldAnswers({
      clock,
      table,
      shards: this.shards,
      lanes: this.lanes,
      router: this.router,
      distribution: this.distribution,
      stored: stored => parts.settlement.fulfil(this, [stored]),
      outside: entry => {
        this.counters.wrongShard++
        this.expiry.cameBack(entry)
      },
      wantMap: () => {
        this.knowledge.wantMap()
        parts.wake()
      },
      wantSummary: () => {
        this.knowledge.wantSummary()
        parts.wake()
      },
      confirmed: ({ entry, shardId }) => this.hulls.correct(shardId, entry.lane.lo)
    })
    this.knowledge = new StreamKnowledge({
      calls: parts.calls,
      clock,
      id,
      timeoutMs: parts.requestTimeoutMs,
      shards: this.shards,
      distribution: this.distribution,
      // A map that there is stays up to date, since answers are judged by it.
      needsMap: () => this.settings.aggregation !== 'key' || this.shards.map !== undefined,
      held: this.held,
      changed: reason => this.#shardsChanged(reason),
      listed: () => this.held.judgeAll(),
      foundAuto: () => this.#foundAuto(),
      maxRecordBytes: bytes => {
        this.#describedRecordBytes = bytes
      },
      notFound: error => {
        this.circuit.failed('ERR_STREAM_NOT_FOUND', error, clock.now())
      },
      warn: (code, message) => parts.warn(code, `${name}: ${message}`),
      wake: () => parts.wake()
    })
    this.expiry = new Expiry(this, table, running)
    const answers = new AnswerReader(this)
    this.sender = new RequestSender(this, id, (request, end) => {
      answers.read(request, end)
      parts.wake()
    })
  }

  /** In flight. */
  get requests(): ReadonlySet<PutRequest> {
    return this.sender.requests
  }

  /** Whether anything happens here. */
  get isActive(): boolean {
    return this.pendingRecords > 0 || this.readyWaits.size > 0
  }

  /** @param now in running time */
  isStalled(now: number): boolean {
    return this.pendingRecords > 0 && now - this.movedAt >= STALLED_MS
  }

  /** Bytes of a record's key and data, at most. */
  get maxRecordBytes(): number {
    return Math.max(this.settings.maxRecordBytes, this.#describedRecordBytes)
  }

  get #routing(): Routing {
    if (this.distribution.isAuto) return 'any'
    if (!this.#isReady) return 'wait'
    const { aggregation, ordered } = this.settings
    const perShard = aggregation === true || (aggregation === false && !ordered)
    return perShard && this.shards.map !== undefined ? 'shard' : 'key'
  }

  /** Each record goes by itself: as the user wishes, or since Kinesis may distribute the records. */
  get #isPlain(): boolean {
    if (this.settings.aggregation === false || this.distribution.isAuto) return true
    return this.shards.map === undefined && !this.distribution.isByKey
  }

  get isOrdered(): boolean {
    return this.settings.ordered && !this.distribution.isAuto
  }

  paceOf(shardId: string | undefined): ShardPace {
    return this.#paces.of(shardId)
  }

  /** A record was put into the inbox; its bytes are counted. */
  accepted(): void {
    const { inbox } = this
    if (inbox.count === 1) {
      this.departures.inboxBegan()
      this.expiry.began(this.settings.recordTtlMs)
      this.parts.wake()
    } else if (inbox.end >= TARGET_BYTES) this.sortInbox()
  }

  /** Makes room in the inbox, and lanes due that are full. */
  sortInbox(): void {
    if (this.inbox.count > 0) this.router.takeInbox(this.inbox)
  }

  /** Does what is to be done at this moment, but for sending. */
  prepare(now: number): void {
    this.lastUsed = now
    this.knowledge.run(now)
    if (!this.#isReady && this.knowledge.isReady(now)) this.#becomeReady()
    this.expiry.run()
    if (now >= this.circuit.graceEnd && !this.sender.isProbing) this.#failAll(now)
    this.departures.update(this.parts.isHurried(this), now)
    for (const check of this.readyWaits) check()
  }

  /** Sends a request, if there is one to be sent. */
  send(now: number): boolean {
    if (!this.#maySend(now)) return false
    const entries = this.batcher.collect(
      {
        maxAggregateBytes: this.settings.maxAggregateBytes,
        maxAggregateRecords: this.settings.maxAggregateRecords,
        plain: this.#isPlain,
        ordered: this.isOrdered,
        maxBytes: this.limits.bytes,
        fullUnits: !this.departures.isHurried && this.settings.lingerMs > 0,
        probe: this.circuit.isOpen || this.parts.gate.isClosed
      },
      now
    )
    if (entries.length === 0) return false
    this.sender.send(entries, now)
    return true
  }

  #maySend(now: number): boolean {
    const { departures, parts } = this
    const { gate } = parts
    if (!this.#isReady && !this.distribution.isAuto) return false
    if (this.blockedUntil > now || this.sender.requests.size >= this.limits.inFlight(now)) return false
    if (gate.isClosed && gate.nextProbe > now) return false
    if (this.circuit.isOpen && (this.sender.isProbing || this.circuit.nextProbe > now)) return false
    return this.batcher.groups.length > 0 || (departures.due.count > 0 && now >= departures.leavesAt)
  }

  /** After everything that could be done: when the next thing is to be done. */
  findWakeAt(now: number): void {
    const { circuit, knowledge, departures, batcher, parts } = this
    this.wakeAt = Math.min(
      departures.due.nextAt,
      departures.inboxDueAt,
      knowledge.nextAt,
      this.#isReady ? Infinity : knowledge.readyAt,
      !this.sender.isProbing ? circuit.graceEnd : Infinity,
      this.expiry.nextIn + now
    )
    if (departures.due.count === 0 && batcher.groups.length === 0) return
    // A moment that is past waits for something else to happen.
    const moments = [
      departures.leavesAt,
      batcher.wakeAt,
      this.blockedUntil,
      circuit.isOpen && !this.sender.isProbing ? circuit.nextProbe : 0,
      parts.gate.isClosed ? parts.gate.nextProbe : 0
    ]
    for (const moment of moments) if (moment > now) this.wakeAt = Math.min(this.wakeAt, moment)
  }

  /** A lane has got records. @param fresh they come from the inbox; else they have waited before */
  #grown(lane: Lane, fresh: boolean): void {
    const { pending } = this.parts
    if (!pending.allowsShare(lane.records, lane.bytes, 0) && pending.isHalf) this.isCrowded = true
    this.departures.grown(lane, fresh)
  }

  #becomeReady(): void {
    this.#isReady = true
    this.router.recut()
  }

  #shardsChanged(reason: MapChange): void {
    if (reason === 'none') {
      this.#isReady = false
      this.hulls.clear()
    } else if (this.knowledge.isKnown) this.#isReady = true
    this.router.recut()
    this.#paces.keepOpen(this.shards.open)
    this.#keys.forget(this.shards.open)
    if (reason === 'same' || reason === 'none') return
    const told = reason === 'changed' ? 'reshard' : reason
    this.parts.emit('shards', { stream: this.name, shards: this.shards.ranges, reason: told })
  }

  #foundAuto(): void {
    this.#isReady = true
    this.parts.warn(
      'AUTO_DISTRIBUTION',
      `${this.name}: Kinesis distributes the records of this stream (AUTO): they are not aggregated, and their order is not kept`
    )
    this.router.recut()
    this.held.putAllAgain()
  }

  /** The grace is over: what waits fails. */
  #failAll(now: number): void {
    const { circuit } = this
    circuit.fail(now)
    this.expiry.failWaiting({ code: circuit.code, cause: circuit.cause })
  }

  /** The records of a shard, or of a key, have more than their share of the limits. */
  hasRoomFor(lane: Lane | undefined, bytes: number): boolean {
    return lane === undefined || this.parts.pending.allowsShare(lane.records, lane.bytes, bytes)
  }

  /** Other options hold from now on, as far as possible also for records that wait. */
  configure(settings: StreamSettings): void {
    const { aggregation, recordDistribution } = this.settings
    this.sortInbox()
    this.settings = settings
    this.#paces.limitTo(settings.rateLimit)
    const isTold = settings.recordDistribution !== recordDistribution
    if (isTold) this.distribution.tell(settings.recordDistribution)
    if (isTold || settings.aggregation !== aggregation) {
      this.knowledge.optionsChanged()
      this.#isReady = this.knowledge.isKnown
    }
    this.router.recut()
    if (this.distribution.isAuto) this.held.putAllAgain()
    for (const lane of this.lanes) this.departures.reconsider(lane)
    this.expiry.ttlChanged()
    this.parts.wake()
  }
}
