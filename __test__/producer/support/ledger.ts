/** What a test gave a producer, and what the producer said of each record. */
import type { KinesisProducer, PutError, PutResult, StreamHandle } from 'kinesis-agg/producer'

export type Fate = 'pending' | 'fulfilled' | 'rejected'

export interface LedgerEntry {
  id: number
  /** `undefined`: put without a partition key. */
  key: string | undefined
  /** Explicit, as it was given. */
  hashKey: string | undefined
  stream: string | undefined
  fate: Fate
  /** How often the producer told of it. */
  told: number
  result?: PutResult
  error?: PutError
  /** By `performance.now()`. */
  putAt: number
  settledAt?: number
}

export interface RecordSetup {
  stream?: string
  explicitHashKey?: string
  /** Bytes of data, the identity at its front included. */
  bytes?: number
  signal?: AbortSignal
}

type Target = KinesisProducer | StreamHandle

export class Ledger {
  readonly entries: LedgerEntry[] = []
  readonly #promises: Promise<void>[] = []

  /** Puts a record whose data tells its place in the ledger. Never rejects. */
  async put(producer: Target, key: string | undefined, setup: RecordSetup = {}): Promise<LedgerEntry> {
    const entry = this.#enter(key, setup)
    const done = producer.put(this.#record(entry, setup), setup.signal && { signal: setup.signal }).then(
      result => {
        this.#settle(entry, 'fulfilled')
        entry.result = result
      },
      (error: PutError) => {
        this.#settle(entry, 'rejected')
        entry.error = error
      }
    )
    this.#promises.push(done)
    await done
    return entry
  }

  /** Writes a record; {@link listen} must have been called. @returns what `write` returned */
  write(producer: Target, key: string | undefined, setup: RecordSetup = {}): boolean {
    return producer.write(this.#record(this.#enter(key, setup), setup))
  }

  /** Takes note of 'failed' events. */
  listen(producer: KinesisProducer): void {
    producer.on('failed', error => {
      const entry = this.entries[error.context as number]
      if (entry === undefined) return // Not of the ledger.
      this.#settle(entry, 'rejected')
      entry.error = error
    })
  }

  /** After a flush: written records that no 'failed' event named are stored. */
  flushed(): void {
    for (const entry of this.entries) if (entry.fate === 'pending') this.#settle(entry, 'fulfilled')
  }

  /** Ends when each record that was put so far is settled. */
  async settled(): Promise<void> {
    await Promise.all(this.#promises)
  }

  of(fate: Fate): LedgerEntry[] {
    return this.entries.filter(entry => entry.fate === fate)
  }

  /** How many were rejected, by code. */
  codes(): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const { error } of this.of('rejected')) counts[error!.code] = (counts[error!.code] ?? 0) + 1
    return counts
  }

  #enter(key: string | undefined, { stream, explicitHashKey: hashKey }: RecordSetup): LedgerEntry {
    const id = this.entries.length
    const putAt = performance.now()
    const entry: LedgerEntry = { id, key, hashKey, stream, fate: 'pending', told: 0, putAt }
    this.entries.push(entry)
    return entry
  }

  #record({ id, key }: LedgerEntry, { stream, explicitHashKey, bytes = 0 }: RecordSetup) {
    return {
      partitionKey: key,
      data: `${id}:`.padEnd(bytes, '.'),
      context: id,
      ...(stream !== undefined && { stream }),
      ...(explicitHashKey !== undefined && { explicitHashKey })
    }
  }

  #settle(entry: LedgerEntry, fate: Fate): void {
    entry.fate = fate
    entry.told++
    entry.settledAt = performance.now()
  }
}

/** The identity at the front of a record's data. */
export const identityOf = (data: Buffer): number => Number.parseInt(data.toString('latin1', 0, 12), 10)
