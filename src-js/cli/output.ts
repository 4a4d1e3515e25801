import type { Writable } from 'node:stream'

/** Characters or bytes that are collected before they are written: a write is a call of the system. */
const BLOCK = 64 * 1024

/** Writes to a stream, no faster than it takes. */
export class Output {
  #pending: (string | Buffer)[] = []
  #pendingLength = 0
  #error: Error | undefined

  constructor(private readonly stream: Writable) {
    stream.on('error', error => (this.#error = error))
  }

  /** @throws the stream's error: `EPIPE` when the reader has gone */
  async write(piece: string | Buffer): Promise<void> {
    this.#pending.push(piece)
    this.#pendingLength += piece.length
    if (this.#pendingLength >= BLOCK) await this.flush()
  }

  async flush(): Promise<void> {
    if (this.#error !== undefined) throw this.#error
    if (this.#pendingLength === 0) return
    const block = Buffer.concat(this.#pending.map(piece => (typeof piece === 'string' ? Buffer.from(piece) : piece)))
    this.#pending = []
    this.#pendingLength = 0
    await new Promise<void>((resolve, reject) => {
      this.stream.write(block, error => (error ? reject(error) : resolve()))
    })
  }
}
