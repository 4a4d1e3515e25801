import type { PutError } from '../producer/errors'
import type { RecordOwner } from '../producer/record-table'
import type { RecordTaker } from '../producer/record-taker'
import type { ProducerRecord } from '../producer/types'
import type { DeaggregatedRecord } from '../types'
import type { Handling, WorkOwner } from './handling'
import { KeyOrder } from './key-order'
import { isThenable } from './thenable'
import type { HandlerContext } from './types'
import type { Work } from './work'

/** What a map makes of a user record: what is to be put. */
export type Forwarded = ProducerRecord | readonly ProducerRecord[] | undefined

/** Puts what a map makes of user records. The turn of work is over when all of it is put; it has ended when it is stored. */
export class Forwarding implements Handling {
  readonly needsTurns = true
  readonly #taker: RecordTaker
  readonly #map: (record: DeaggregatedRecord) => unknown
  /** Undefined: nobody asks for it. */
  readonly #order: KeyOrder | undefined
  readonly #givesUp = new AbortController()
  /** Records that are put and not settled. */
  #pending = 0
  /** Work from this number on comes again. */
  #from = Infinity

  /** @param resumes stored records may be left out when the event comes again */
  constructor(taker: RecordTaker, map: (record: DeaggregatedRecord) => unknown, resumes: boolean) {
    this.#taker = taker
    this.#map = map
    this.#order = resumes ? new KeyOrder() : undefined
  }

  get isBusy(): boolean {
    return this.#pending > 0
  }

  hurry(): () => void {
    return this.#taker.hurry()
  }

  perform(work: Work, _at: HandlerContext, owner: WorkOwner): void | Promise<void> {
    this.#order?.began(work)
    try {
      const made = this.#map(work.items[0]!.record)
      const pending = isThenable(made)
        ? Promise.resolve(made).then(records => this.#begin(work, records, owner))
        : this.#begin(work, made, owner)
      return pending?.catch((error: unknown) => owner.fail(work, error))
    } catch (error) {
      return owner.fail(work, error)
    }
  }

  #begin(work: Work, made: unknown, owner: WorkOwner): void | Promise<void> {
    const records = (made === undefined ? [] : Array.isArray(made) ? made : [made]) as ProducerRecord[]
    this.#order?.made(work, records)
    return this.#put(new Puts(this, work, owner), records, 0)
  }

  /** Puts the records from `first` on, no faster than there is room. */
  #put(puts: Puts, records: readonly ProducerRecord[], first: number): void | Promise<void> {
    for (let i = first; i < records.length; i++) {
      if (puts.work.number >= this.#from) return
      if (this.#taker.isHalf) return this.#putLater(puts, records, i)
      const refusal = this.#taker.accept(records[i]!, puts)
      if (refusal !== undefined) throw refusal
      this.#pending++
      puts.accepted()
    }
    puts.allAccepted()
  }

  async #putLater(puts: Puts, records: readonly ProducerRecord[], first: number): Promise<void> {
    try {
      await this.#taker.drained(this.#givesUp.signal)
    } catch {
      return
    }
    await this.#put(puts, records, first)
  }

  /** A record that was put is. */
  settled(): void {
    this.#pending--
  }

  giveUp(from: number): void {
    if (from >= this.#from) return
    this.#from = from
    this.#taker.recall(
      owner => owner instanceof Puts && owner.forwarding === this && owner.work.number >= from,
      undefined
    )
    if (from === 0) this.#givesUp.abort()
  }

  outOfOrder(isDone: (work: Work) => boolean): Iterable<Work> {
    return this.#order?.outOfOrder(isDone) ?? []
  }
}

/** Learns what becomes of the records that were made of one user record. */
class Puts implements RecordOwner {
  readonly wantsResults = false
  readonly isRecallable = true
  readonly forwarding: Forwarding
  readonly work: Work
  readonly #owner: WorkOwner
  /** Records that are not stored, and one more until all are accepted. */
  #left = 1
  #hasFailed = false

  constructor(forwarding: Forwarding, work: Work, owner: WorkOwner) {
    this.forwarding = forwarding
    this.work = work
    this.#owner = owner
  }

  accepted(): void {
    this.#left++
  }

  allAccepted(): void {
    this.#end()
  }

  #end(): void {
    if (--this.#left === 0) this.#owner.succeed(this.work)
  }

  delivered(): void {
    this.forwarding.settled()
    this.#end()
    this.#owner.wake()
  }

  failed(error: unknown): void {
    this.forwarding.settled()
    // What was recalled comes again; nothing else takes records back.
    if (this.#hasFailed || (error as PutError).code === 'ABORT_ERR') {
      this.#owner.wake()
      return
    }
    this.#hasFailed = true
    void this.#owner.fail(this.work, error)
  }
}
