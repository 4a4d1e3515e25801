/**
 * A random run: faults of all kinds, reshards, several streams, under random options; the judge at the end. A seed
 * gives the same run again, as far as time allows: exactly so with mocked time.
 */
import type { KinesisProducerOptions } from 'kinesis-agg/producer'
import { Random } from '../../support/random'
import { Endpoint } from './endpoint'
import { type Judged, type Verdict, judge, storedIn } from './judge'
import type { Fate } from './ledger'
import { Load, type Sender, planOf } from './load'
import { LATEST_MS, Weather, type WeatherOptions, createStreams } from './weather'

// For the run over loopback, which has the producer in a process of its own.
export { Endpoint, LATEST_MS }

/** Steps of weather and load. */
export const STEP_MS = 20

export interface ChaosSetup {
  seed: number
  /** How long faults and load last. */
  ms: number
  endpoint: Endpoint
  /** Makes attempts of its own none: `maxAttempts: 1`. */
  client: object
  /** Lets time pass, real or mocked. */
  pass: (ms: number) => Promise<void>
  /** Told of each change of weather. */
  log?: (what: string) => void
}

export interface ChaosReport {
  violations: string[]
  /** Where the records of the first violation were seen. */
  evidence: object[]
  options: KinesisProducerOptions
  accepted: number
  fulfilled: number
  codes: Record<string, number>
  repeated: number
  calls: Record<string, number>
}

/** Everything in one process. */
export async function chaos({ seed, ms, endpoint, client, pass, log }: ChaosSetup): Promise<ChaosReport> {
  const sky = new Sky(seed, endpoint, { log })
  const load = new Load(seed, client as Sender)
  for (let now = 0; now < ms; now += STEP_MS) {
    sky.weather.at(now)
    load.step()
    await pass(STEP_MS)
  }
  log?.('calm')
  sky.weather.calm()
  const closing = { ended: false }
  const closed = load.close().finally(() => (closing.ended = true))
  closed.catch(() => {})
  while (!closing.ended) await pass(50)
  await closed
  await pass(LATEST_MS)
  load.ledger.flushed()
  return sky.report(load.ledger)
}

/** A run from the side of Kinesis. */
export class Sky {
  readonly weather: Weather
  readonly #endpoint: Endpoint
  readonly #options: KinesisProducerOptions
  readonly #ever

  constructor(seed: number, endpoint: Endpoint, options: WeatherOptions = {}) {
    const { names, options: producerOptions } = planOf(seed)
    const random = new Random(seed + 0x5c1)
    const streams = createStreams(endpoint, names, random)
    this.weather = new Weather(endpoint, streams, random, options)
    if (producerOptions.aggregation === 'key') this.weather.without('AUTO')
    this.#endpoint = endpoint
    this.#options = producerOptions
    this.#ever = streams.ever
  }

  report(ledger: Judged): ChaosReport {
    const verdict = judge(ledger, storedIn(...this.#ever), {
      kclReaders: this.#options.kclReaders !== false,
      ordered: name => this.#options.ordering !== 'none' && !this.weather.unordered.has(name),
      blocks: false
    })
    const calls: Record<string, number> = {}
    for (const { action } of this.#endpoint.calls) calls[action] = (calls[action] ?? 0) + 1
    const codes: Record<string, number> = {}
    for (const { error } of ledger.entries) if (error) codes[error.code] = (codes[error.code] ?? 0) + 1
    const of = (fate: Fate): number => ledger.entries.filter(entry => entry.fate === fate).length
    return {
      violations: verdict.violations,
      evidence: evidenceFor(verdict, ledger),
      options: this.#options,
      accepted: ledger.entries.length,
      fulfilled: of('fulfilled'),
      codes,
      repeated: verdict.repeated,
      calls
    }
  }
}

function evidenceFor({ violations: [first], sightings }: Verdict, ledger: Judged): object[] {
  const id = Number(/record (\d+)/.exec(first ?? '')?.[1])
  return [
    ...ledger.entries.filter(entry => entry.id === id),
    ...sightings
      .filter(sighting => sighting.id === id)
      .map(({ stored: { data, ...stored }, ...sighting }) => ({ ...sighting, ...stored, bytes: data.length }))
  ]
}
