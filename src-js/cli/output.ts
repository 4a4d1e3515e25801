import type { Writable } from 'node:stream'

/** Characters or bytes that are collected before they are written: each write is a call of the system. */
const BLOCK = 64 * 1024

/** Writes to a stream, no faster than it takes. */
export class Output {
  #pending: (string | Buffer)[] = []
  #pendingLength = 0

  constructor(private readonly stream: Writable) {
    // Whoever waits for the write gets the error; without a listener it would be thrown as well.
    stream.on('error', () => {})
  }

  add(piece: string | Buffer): void {
    this.#pending.push(piece)
    this.#pendingLength += piece.length
  }

  /** There is enough to be worth a {@link flush}. */
  get isFull(): boolean {
    return this.#pendingLength >= BLOCK
  }

  /** @throws the stream's error: `EPIPE` when its reader has gone */
  async flush(): Promise<void> {
    if (this.#pendingLength === 0) return
    const pieces = this.#pending.map(piece => (typeof piece === 'string' ? Buffer.from(piece) : piece))
    this.#pending = []
    this.#pendingLength = 0
    await new Promise<void>((resolve, reject) => {
      this.stream.write(Buffer.concat(pieces), error => (error ? reject(error) : resolve()))
    })
  }
}
