import { about } from './backoff'

const FIRST_DELAY_MS = 1000
const MAX_DELAY_MS = 30_000
/** Many producers notice a reshard at once. */
const JITTER_MS = 100

/**
 * Fetches something when it is wanted: one fetch at a time, with longer and longer pauses after those that failed or
 * changed nothing. It has no timer of its own: call {@link run} at {@link nextAt}.
 */
export class Refresher {
  readonly #now: () => number
  readonly #fetch: () => Promise<boolean>
  readonly #done: () => void
  /** A pause of another kind than the usual ones, while there is a reason. */
  readonly #urgentDelay: () => number | undefined
  #wanted = false
  #fetching = false
  #notBefore = 0
  #tries = 0

  /**
   * @param fetch fulfils with whether something changed; rejects if it failed
   * @param done called after each fetch: {@link nextAt} is another one
   * @param urgentDelay the pause after a fetch that brought nothing new, instead of the usual one
   */
  constructor(
    now: () => number,
    fetch: () => Promise<boolean>,
    done: () => void,
    urgentDelay = (): number | undefined => undefined
  ) {
    this.#now = now
    this.#fetch = fetch
    this.#done = done
    this.#urgentDelay = urgentDelay
  }

  get isFetching(): boolean {
    return this.#fetching
  }

  /** When it wants to fetch; `Infinity` if it does not. */
  get nextAt(): number {
    return this.#wanted && !this.#fetching ? this.#notBefore : Infinity
  }

  /** @param urgent before pauses that earlier fetches left are over */
  want(urgent = false): void {
    const soon = this.#now() + Math.random() * JITTER_MS
    if (urgent) this.#notBefore = this.#wanted ? Math.min(this.#notBefore, soon) : soon
    else if (!this.#wanted) this.#notBefore = Math.max(this.#notBefore, soon)
    this.#wanted = true
  }

  wantNow(): void {
    this.#wanted = true
    this.#notBefore = 0
    this.#tries = 0
  }

  run(now: number): void {
    if (this.nextAt > now) return
    this.#fetching = true
    this.#wanted = false
    this.#fetch()
      .then(
        changed => {
          if (changed) this.#tries = 0
          else this.#notBefore = Math.max(this.#notBefore, this.#pausedTo())
        },
        () => {
          this.#wanted = true
          this.#notBefore = this.#pausedTo()
        }
      )
      .finally(() => {
        this.#fetching = false
        this.#done()
      })
  }

  #pausedTo(): number {
    return this.#now() + (this.#urgentDelay() ?? this.#delay())
  }

  #delay(): number {
    return about(Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 1.5 ** this.#tries++))
  }
}
