import type { HandlerContext } from './types'
import { isThenable } from './thenable'
import type { Item, Work } from './work'

/** Learns what became of work. */
export interface WorkOwner {
  succeed(work: Work): void
  /** Resolves when the failure is reported. Never rejects. */
  fail(work: Work, error: unknown): Promise<void>
  /** Something has ended, so that {@link Handling.isBusy} may have changed. */
  wake(): void
}

/** What is done with the user records of an event. */
export interface Handling {
  /**
   * Tells the owner what became of the work, now or later. The next work of its keys begins when this returns, or its
   * promise resolves; it must not throw, and its promise must not reject.
   */
  perform(work: Work, at: HandlerContext, owner: WorkOwner): void | Promise<void>
  /** The owner does not know yet what became of some work whose turn is over. */
  readonly isBusy: boolean
  /** What began needs turns of the event loop to go on. */
  readonly needsTurns: boolean
  /** No more work begins: what is left need not wait for it. Returns what is to be called when it has ended. */
  hurry(): () => void
  /** Work from that number on comes again. */
  giveUp(from: number): void
  /** Of `works`, in order: which are not `isDone`, or may not be left out when those come again. */
  outOfOrder(isDone: (work: Work) => boolean): Iterable<Work>
}

/** Calls the handler. A promise counts when it settles. */
export type CallHandler = (items: readonly Item[], at: HandlerContext) => unknown

const nothing = (): void => {}

/** Calls a handler, whose work has ended when its turn is over. */
export class HandlerCalls implements Handling {
  readonly isBusy = false
  readonly needsTurns = false
  readonly #call: CallHandler

  /** @param call what it throws, or its promise rejects with, fails the work */
  constructor(call: CallHandler) {
    this.#call = call
  }

  perform(work: Work, at: HandlerContext, owner: WorkOwner): void | Promise<void> {
    return judge(work, owner, () => this.#call(work.items, at))
  }

  hurry(): () => void {
    return nothing
  }

  giveUp(): void {}

  outOfOrder(): Iterable<Work> {
    return []
  }
}

/** Calls, and tells the owner how it ended. */
export function judge(work: Work, owner: WorkOwner, call: () => unknown): void | Promise<void> {
  try {
    const result = call()
    if (isThenable(result)) return settle(work, owner, result)
  } catch (error) {
    return owner.fail(work, error)
  }
  owner.succeed(work)
}

async function settle(work: Work, owner: WorkOwner, result: PromiseLike<unknown>): Promise<void> {
  try {
    await result
  } catch (error) {
    await owner.fail(work, error)
    return
  }
  owner.succeed(work)
}
