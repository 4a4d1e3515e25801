/** A producer before an endpoint with faults, and what the judge says at the end. */
import type { KinesisClient } from '@aws-sdk/client-kinesis'
import { KinesisProducer, type KinesisProducerOptions } from 'kinesis-agg/producer'
import { onTestFinished, vi } from 'vitest'
import { Random } from '../../support/random'
import { Clock } from './clock'
import { Endpoint, type StreamSetup } from './endpoint'
import { type JudgeOptions, type Verdict, judge, storedIn } from './judge'
import { Ledger, type RecordSetup } from './ledger'

export interface Scenario {
  endpoint: Endpoint
  client: KinesisClient
  producer: KinesisProducer
  ledger: Ledger
  warnings: { code: string; message: string }[]
  /** Compares the ledger with what the streams hold now. */
  verdict(options?: JudgeOptions): Verdict
}

export interface ScenarioOptions extends KinesisProducerOptions {
  /** @default one stream `s` with one shard */
  streams?: Record<string, StreamSetup>
  tls?: boolean
}

/** Over loopback, in real time. */
export async function startScenario({
  streams = { s: {} },
  tls = false,
  ...options
}: ScenarioOptions = {}): Promise<Scenario> {
  const endpoint = new Endpoint(streams)
  const { client } = await endpoint.listen({ tls })
  // Whatever does not answer is a fault of the test, not a busy machine.
  return begin(endpoint, client(), { requestTimeoutMs: 60_000, ...options })
}

export interface MockedScenario extends Scenario {
  clock: Clock
}

/** So that a test does not depend on luck: the jitter of pauses is the same each time, unless the test has its own. */
function seedJitter(): void {
  if (vi.isMockFunction(Math.random)) return
  const random = new Random(1)
  vi.spyOn(Math, 'random').mockImplementation(() => random.below(2 ** 31) / 2 ** 31)
}

/** Inside the process, with mocked time. */
export function startMockedScenario({
  streams = { s: {} },
  ...options
}: Omit<ScenarioOptions, 'tls'> = {}): MockedScenario {
  seedJitter()
  const endpoint = new Endpoint(streams)
  const clock = new Clock(endpoint)
  onTestFinished(() => {
    clock.stop()
    vi.restoreAllMocks()
  })
  return { ...begin(endpoint, endpoint.inProcessClient(), options), clock }
}

function begin(endpoint: Endpoint, client: KinesisClient, options: KinesisProducerOptions): Scenario {
  const producer = new KinesisProducer({ client, stream: 's', ...options })
  const ledger = new Ledger()
  ledger.listen(producer)
  const warnings: Scenario['warnings'] = []
  producer.on('warning', warning => warnings.push(warning))
  onTestFinished(async () => {
    producer.abort()
    await endpoint.stop()
  })
  return {
    endpoint,
    client,
    producer,
    ledger,
    warnings,
    verdict: options => judge(ledger, storedIn(...endpoint.kinesis.streams.values()), options)
  }
}

/** Puts records whose keys take turns. */
export function put({ ledger, producer }: Scenario, count: number, keys = count, bytes = 0): void {
  for (let i = 0; i < count; i++) void ledger.put(producer, `key-${i % keys}`, { bytes })
}

/** Tells whether every record of the ledger was told of. */
export const settled =
  ({ ledger }: Scenario) =>
  (): boolean =>
    ledger.of('pending').length === 0

export interface Load extends RecordSetup {
  perSecond: number
  forMs: number
  /** How many keys take turns. */
  keys: number
}

/** Puts records at a steady rate in real time; ends with the last put, not with its answer. */
export async function putSteadily(
  { producer, ledger }: Pick<Scenario, 'producer' | 'ledger'>,
  { perSecond, forMs, keys, ...setup }: Load
): Promise<void> {
  const start = performance.now()
  let count = 0
  while (performance.now() - start < forMs) {
    for (const due = ((performance.now() - start) / 1000) * perSecond; count < due; count++) {
      void ledger.put(producer, `key-${count % keys}`, setup)
    }
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}
