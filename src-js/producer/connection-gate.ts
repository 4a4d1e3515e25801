import { backoff } from './backoff'

/** So many time-outs in a row tell a connection that hangs. */
const STUCK = 3

/**
 * Closes when a client cannot connect, whatever the stream: then one request at a time probes, 100 ms to 5 s apart.
 */
export class ConnectionGate {
  #failures = 0
  #nextProbe = 0
  #succeeded = false
  #timeouts = 0

  /** A request of this client succeeded at some time. */
  get hasSucceeded(): boolean {
    return this.#succeeded
  }

  get isClosed(): boolean {
    return this.#failures > 0
  }

  get nextProbe(): number {
    return this.#nextProbe
  }

  failed(now: number): void {
    // It began before the gate closed.
    if (this.isClosed && now < this.#nextProbe) return
    // At least half of the pause: without jitter at all many would come at once, with a full one probes are a storm.
    const most = Math.min(5000, 100 * 2 ** this.#failures)
    this.#nextProbe = now + most / 2 + backoff(this.#failures) / 2
    this.#failures++
  }

  /** @returns whether that is one too many without a success between */
  timedOut(): boolean {
    return ++this.#timeouts === STUCK
  }

  /** Kinesis answered, whatever it said. */
  answered(): void {
    this.#failures = 0
    this.#nextProbe = 0
  }

  succeeded(): void {
    this.#succeeded = true
    this.#timeouts = 0
    this.answered()
  }
}
