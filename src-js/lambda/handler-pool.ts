/** A piece of work for the pool. */
export interface Task {
  /** Tasks that share a key run one after the other, in order; a task without keys waits for none. */
  readonly keys: readonly string[]
  /** Nobody knows its keys: it starts once all tasks before it have settled, and none starts beside it. */
  readonly isBarrier: boolean
}

/** What the pool asks its owner. */
export interface PoolOwner<T extends Task> {
  /** Takes note of its own failures: it must not throw, and its promise must not reject. */
  perform(task: T): void | Promise<void>
  /** Whether `task` may start, after a failure for example; if not, it is left out. */
  isWanted(task: T): boolean
  /** Whether to start nothing for now: {@link HandlerPool.wake} is called when it may be over. */
  isOnHold(): boolean
  /** Whether to stop now. Asked before each start but the first. */
  isOver(): boolean
  /** Lets timers and I/O of the process have a turn, if it is time for that. */
  breathe(): Promise<void> | undefined
}

/** A task on its way through the pool. */
interface Entry<T> {
  readonly task: T
  /** Earlier tasks with one of its keys that have not settled. */
  waitsFor: number
  /** Those that wait for this one: at most one for each of its keys. */
  readonly followers: Entry<T>[]
}

/**
 * Runs tasks, at most `limit` at a time. A task starts as soon as there is room and the earlier tasks with its keys have
 * settled; those of other keys pass it. The work of the pool is linear in the tasks and their keys.
 */
export class HandlerPool<T extends Task> {
  readonly #source: Iterator<T>
  readonly #limit: number
  readonly #owner: PoolOwner<T>
  /** Tasks taken from the source that are not done, in its order, as sets keep the order of insertion. */
  readonly #unfinished = new Set<T>()
  /** The last entry of each key that has not settled. */
  readonly #lastOfKey = new Map<string, Entry<T>>()
  /** Entries that waited and need not any more. */
  #released: Entry<T>[] = []
  #nextReleased = 0
  /** Waits until all before it have settled. */
  #barrier: Entry<T> | undefined
  #isBarrierRunning = false
  #running = 0
  #started = false
  #stopped = false
  #exhausted = false
  #wake: (() => void) | undefined

  constructor(source: Iterator<T>, limit: number, owner: PoolOwner<T>) {
    this.#source = source
    this.#limit = limit
    this.#owner = owner
  }

  /**
   * Resolves when every wanted task has settled, or at once when the pool is stopped.
   *
   * @throws what the source throws
   */
  async run(): Promise<void> {
    for (;;) {
      while (this.#running < this.#limit && !this.#owner.isOnHold() && !this.#isOver()) {
        const entry = this.#next()
        if (entry === undefined) break
        this.#start(entry)
        const pause = this.#owner.breathe()
        if (pause !== undefined) await pause
      }
      if (this.#stopped || (this.#running === 0 && !this.#owner.isOnHold())) return
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
  }

  /** Starts nothing more, and does not wait for what runs. */
  stop(): void {
    this.#stopped = true
    this.#wake?.()
  }

  /** Looks again whether something may start. */
  wake(): void {
    this.#wake?.()
  }

  get isStopped(): boolean {
    return this.#stopped
  }

  /** To be called by the owner, for a task that is done. */
  done(task: T): void {
    this.#unfinished.delete(task)
  }

  isDone(task: T): boolean {
    return !this.#unfinished.has(task)
  }

  /** The earliest task that is not done, if there is one: it runs, waits, failed, or was not reached. */
  firstUnfinished(): T | undefined {
    const [first] = this.#unfinished
    return first ?? this.#pull()
  }

  #isOver(): boolean {
    if (!this.#stopped && this.#started && this.#owner.isOver()) this.#stopped = true
    return this.#stopped
  }

  #next(): Entry<T> | undefined {
    if (this.#isBarrierRunning) return undefined
    while (this.#nextReleased < this.#released.length) {
      const entry = this.#released[this.#nextReleased++]!
      if (this.#owner.isWanted(entry.task)) return entry
    }
    this.#released = []
    this.#nextReleased = 0
    for (;;) {
      const barrier = this.#barrier
      if (barrier !== undefined) {
        if (this.#running > 0) return undefined
        this.#barrier = undefined
        return this.#owner.isWanted(barrier.task) ? barrier : undefined
      }
      const task = this.#pull()
      if (task === undefined || !this.#owner.isWanted(task)) return undefined
      const entry: Entry<T> = { task, waitsFor: 0, followers: [] }
      if (task.isBarrier) this.#barrier = entry
      else if (this.#limit === 1 || this.#queue(entry)) return entry
    }
  }

  /** The next task of the source. */
  #pull(): T | undefined {
    if (this.#exhausted) return undefined
    const result = this.#source.next()
    if (result.done === true) {
      this.#exhausted = true
      return undefined
    }
    this.#unfinished.add(result.value)
    return result.value
  }

  /** Lines an entry up behind the earlier ones with its keys. Returns whether it may start now. */
  #queue(entry: Entry<T>): boolean {
    for (const key of entry.task.keys) {
      const last = this.#lastOfKey.get(key)
      if (last !== undefined) {
        last.followers.push(entry)
        entry.waitsFor++
      }
      this.#lastOfKey.set(key, entry)
    }
    return entry.waitsFor === 0
  }

  #start(entry: Entry<T>): void {
    this.#started = true
    const pending = this.#owner.perform(entry.task)
    if (pending === undefined) {
      this.#settle(entry)
      return
    }
    this.#running++
    this.#isBarrierRunning = entry.task.isBarrier
    void pending.then(() => {
      this.#running--
      if (entry.task.isBarrier) this.#isBarrierRunning = false
      this.#settle(entry)
      this.#wake?.()
    })
  }

  #settle(entry: Entry<T>): void {
    for (const key of entry.task.keys) {
      if (this.#lastOfKey.get(key) === entry) this.#lastOfKey.delete(key)
    }
    for (const follower of entry.followers) {
      if (--follower.waitsFor === 0) this.#released.push(follower)
    }
  }
}
