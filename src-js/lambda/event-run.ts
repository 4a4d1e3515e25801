import type { DeaggregateSettings } from '../deaggregation/options'
import { KinesisAggError } from '../errors'
import type { KinesisRecordInput } from '../types'
import type { Deadline } from './deadline'
import { type EnclosingRecord, type StreamEvent, readEnclosingRecords } from './events'
import { HandlerPool, type PoolOwner } from './handler-pool'
import { type Handling, type WorkOwner, judge } from './handling'
import type { CheckedOptions } from './options'
import { Progress } from './progress'
import type { HandlerContext } from './types'
import { type Item, type Work, workOf } from './work'

/** Where an event failed, and why. */
export interface Failure {
  readonly error: unknown
  /** The earliest that was not handled wholly. */
  readonly enclosing: EnclosingRecord
}

/** One event on its way. */
export class EventRun implements PoolOwner<Work>, WorkOwner {
  readonly records: readonly EnclosingRecord[]
  readonly #handling: Handling
  readonly #onFailure: CheckedOptions['onFailure']
  readonly #onInvalidRecord: DeaggregateSettings['onInvalidRecord']
  readonly #deadline: Deadline
  readonly #progress: Progress
  readonly #pool: HandlerPool<Work>
  readonly #abort = new AbortController()
  readonly #at: HandlerContext = Object.freeze({ signal: this.#abort.signal })
  /** The number of the earliest work that failed. */
  #failedAt = Infinity
  /** Failures whose `onFailure` may still answer `'skip'`. */
  #openFailures = 0
  /** The answer is made: what settles now counts as not handled. */
  #isClosed = false
  #wake: (() => void) | undefined

  constructor(event: StreamEvent, options: CheckedOptions, handling: Handling) {
    this.records = readEnclosingRecords(event)
    this.#handling = handling
    this.#onFailure = options.onFailure
    this.#onInvalidRecord = options.deaggregation.onInvalidRecord
    this.#deadline = options.deadline
    this.#progress = new Progress(options.resume, this.records)
    const work = workOf(this.records, options.deaggregation, options.chunkSize ?? 1, (record, number) =>
      this.#progress.isHandled(record, number)
    )
    this.#pool = new HandlerPool(work, options.concurrency, this)
  }

  /** Resolves when all is handled, or where it failed or was stopped. */
  async run(): Promise<Failure | undefined> {
    this.#deadline.watch(() => this.#stop())
    try {
      await this.#pool.run()
      await this.#ended()
    } finally {
      if (this.#pool.isStopped) this.#handling.giveUp(0)
      this.#deadline.dispose()
      this.#isClosed = true
    }
    const work = this.#pool.firstUnfinished()
    if (work === undefined) return undefined
    const { enclosing } = work
    const error = work.failure === undefined ? deadlineError(enclosing) : work.failure.error
    if (this.#pool.isStopped) this.#abort.abort(error)
    if (work.failure === undefined)
      await this.#deadline.whileTimeIsLeft(this.#report(error, work.items[0], enclosing))
    return { error, enclosing }
  }

  /** Waits for what began and the pool does not wait for. */
  async #ended(): Promise<void> {
    const calm = this.#handling.hurry()
    while (!this.#pool.isStopped && (this.#handling.isBusy || this.#openFailures > 0)) {
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
    calm()
  }

  #stop(): void {
    this.#pool.stop()
    this.#wake?.()
  }

  /** Lets the next attempt know what was handled of the records from `position` on, which come again. */
  saveProgress(position: number): void {
    const isDone = (work: Work): boolean =>
      this.#pool.isDone(work) &&
      (work.enclosing.position < position || this.#progress.canRemember(work.enclosing))
    for (const { items } of this.#handling.outOfOrder(isDone)) {
      for (const item of items) this.#progress.remove(item)
    }
    this.#progress.save(position)
  }

  perform(work: Work): void | Promise<void> {
    if (work.undecodable !== undefined) return this.fail(work, work.undecodable.error)
    if (work.invalid === undefined) return this.#handling.perform(work, this.#at, this)
    const { error } = work.invalid
    return judge(work, this, () => this.#onInvalidRecord!(error, work.enclosing.record as KinesisRecordInput))
  }

  isWanted(work: Work): boolean {
    return work.number < this.#failedAt
  }

  isOnHold(): boolean {
    return this.#openFailures > 0
  }

  isOver(): boolean {
    return this.#deadline.hasPassed()
  }

  breathe(): Promise<void> | undefined {
    return this.#deadline.breathe(this.#handling.needsTurns)
  }

  succeed(work: Work): void {
    if (this.#isClosed) return
    for (const item of work.items) this.#progress.add(item)
    if (work.invalid !== undefined) this.#progress.add(work.invalid)
    this.#pool.done(work)
    this.#wake?.()
  }

  wake(): void {
    this.#wake?.()
  }

  async fail(work: Work, error: unknown): Promise<void> {
    if (this.#isClosed) return
    work.failure = { error }
    this.#openFailures++
    let isSkipped = true
    for (const item of work.items.length > 0 ? work.items : [undefined]) {
      const answer = await this.#report(error, item, item?.enclosing ?? work.enclosing)
      if (this.#isClosed) return
      if (answer !== 'skip') isSkipped = false
      else if (item !== undefined) this.#progress.add(item)
    }
    this.#openFailures--
    if (isSkipped) this.#pool.done(work)
    else {
      this.#failedAt = Math.min(this.#failedAt, work.number)
      this.#handling.giveUp(this.#failedAt)
    }
    this.#pool.wake()
    this.#wake?.()
  }

  /** Nothing that goes wrong in a report may cost the answer. */
  async #report(
    error: unknown,
    item: Item | undefined,
    { record, sequenceNumber }: EnclosingRecord
  ): Promise<unknown> {
    const log = (): void => logError(`Kinesis record ${sequenceNumber} was not handled:`, error)
    if (this.#onFailure === undefined) {
      log()
      return undefined
    }
    try {
      return await this.#onFailure(error, item?.record, record as never)
    } catch (reportError) {
      log()
      logError('onFailure failed itself:', reportError)
      return undefined
    }
  }
}

function deadlineError({ record, sequenceNumber }: EnclosingRecord): KinesisAggError {
  return new KinesisAggError('ERR_DEADLINE', 'The time was up before the record was handled', {
    record,
    sequenceNumber
  })
}

/** An error may be any value, also one that cannot be printed. */
function logError(text: string, error: unknown): void {
  try {
    console.error(text, error)
  } catch {
    console.error(text, 'an error that cannot be printed')
  }
}
