/** What a random run asks of a producer: its options, and records of all kinds. */
import { KinesisProducer, type KinesisProducerOptions } from 'kinesis-agg/producer'
import { Random } from '../../support/random'
import { Ledger } from './ledger'

export interface Plan {
  names: readonly string[]
  options: KinesisProducerOptions
  /** The producer gets a client that runs no middleware of commands, like a double or a wrapper. */
  bareClient: boolean
}

/** What a seed stands for. Weather and load draw from random numbers of their own. */
export function planOf(seed: number): Plan {
  const random = new Random(seed)
  return {
    names: ['a', 'b', 'c'].slice(0, 1 + random.below(3)),
    options: randomOptions(random),
    bareClient: random.below(6) === 0
  }
}

/** Anything that sends commands. */
export interface Sender {
  send(...args: unknown[]): Promise<unknown>
}

/** A run from the producer's side. */
export class Load {
  readonly ledger = new Ledger()
  readonly #producer: KinesisProducer
  readonly #random: Random
  readonly #names: readonly string[]

  /** @param client with `maxAttempts: 1`: what it repeats by itself, no producer knows of */
  constructor(seed: number, client: Sender) {
    const { names, options, bareClient } = planOf(seed)
    this.#random = new Random(seed + 0x10ad)
    this.#names = names
    // The producer's jitter is part of the run.
    const jitter = new Random(seed + 1)
    Math.random = () => jitter.below(2 ** 31) / 2 ** 31
    const send = client.send.bind(client)
    client.send = (...args) => send(...args).finally(() => setTimeout(() => this.#check(), 0))
    this.#producer = new KinesisProducer({
      client: (bareClient ? withoutMiddleware(client) : client) as never,
      stream: 'a',
      ...options
    })
    this.ledger.listen(this.#producer)
  }

  /** The invariants hold, or it throws. */
  #check(): void {
    ;(this.#producer as { assertInvariants?(): void }).assertInvariants!()
  }

  step(): void {
    load(this.#producer, this.ledger, this.#random, this.#names)
    this.#check()
  }

  /** Ends when each record is settled. */
  async close(): Promise<void> {
    await this.#producer.close({ timeoutMs: 60_000 }).catch(() => {})
    await this.ledger.settled()
    this.#check()
    const { pendingRecords } = this.#producer.stats()
    if (pendingRecords !== 0) throw new Error(`${pendingRecords} records are pending after close()`)
  }
}

function withoutMiddleware(client: Sender): Sender {
  return {
    send: (command, ...rest) => {
      const { constructor, input } = command as {
        constructor: new (input: unknown) => object
        input: unknown
      }
      return client.send(new constructor(input), ...rest)
    }
  }
}

function randomOptions(random: Random): KinesisProducerOptions {
  return {
    aggregation: random.pick([true, true, true, 'key', false]),
    kclReaders: random.below(6) > 0,
    ordering: random.below(8) === 0 ? 'none' : 'key',
    lingerMs: random.pick([0, 20, 100]),
    maxAggregateBytes: random.pick([2000, 51_200, 262_144]),
    recordTtlMs: random.pick([2000, 10_000, 120_000]),
    requestTimeoutMs: random.pick([300, 1000, 3000]),
    permanentErrorGraceMs: random.pick([0, 500, 10_000]),
    maxPendingRecords: random.pick([500, 100_000]),
    maxInFlight: random.pick([1, 4, 24]),
    onThrottle: random.below(10) === 0 ? 'fail' : 'retry'
  }
}

/** A few records a step: most with keys that come again, some large, some with hash keys, signals or without a key. */
function load(producer: KinesisProducer, ledger: Ledger, random: Random, names: readonly string[]): void {
  for (let i = random.below(12); i > 0; i--) {
    const key = random.below(20) === 0 ? undefined : `key-${random.below(random.pick([3, 30]))}`
    const kind = random.below(50)
    const setup = {
      stream: random.pick(names),
      bytes: random.pick([10, 200, 200, random.below(3000), kind === 0 ? 60_000 : 10]),
      ...(kind === 1 && { explicitHashKey: String(BigInt(random.below(1 << 30)) << 98n) })
    }
    if (random.below(3) === 0) ledger.write(producer, key, setup)
    else if (kind === 2) {
      const controller = new AbortController()
      void ledger.put(producer, key, { ...setup, signal: controller.signal })
      setTimeout(() => controller.abort(), random.below(300))
    } else void ledger.put(producer, key, setup)
  }
}
