// Metrics of a producer for CloudWatch, in its embedded metric format: a line of JSON for each stream. In Lambda, and
// wherever an agent sends the standard output to CloudWatch Logs, that is all that is needed. No permission, no call.
//
//   const metrics = new EmfMetrics(producer, { namespace: 'Orders' })
//   setInterval(() => metrics.print(), 60_000).unref()     // in a server
//   metrics.print()                                        // in Lambda, at the end of each invocation
import { subscribe, unsubscribe } from 'node:diagnostics_channel'

const CHANNEL = 'tracing:kinesis-agg:producer:put-records'

/** What stats() counts since the producer began; a line has what is new. */
const COUNTERS = {
  Delivered: ({ delivered }) => delivered,
  Failed: ({ failed }) => Object.values(failed).reduce((sum, count) => sum + count, 0),
  Requests: ({ requests }) => requests,
  PutUnits: ({ putUnits }) => putUnits,
  Throttled: ({ throttled }) => throttled,
  Retried: ({ retried }) => retried
}
const UNITS = {
  ...Object.fromEntries(Object.keys(COUNTERS).map(name => [name, 'Count'])),
  PendingRecords: 'Count',
  OldestPendingMs: 'Milliseconds',
  FailedRequests: 'Count',
  RoundTripMs: 'Milliseconds'
}
/** As many values of a metric may be in a line. */
const MOST_VALUES = 100

export class EmfMetrics {
  #producer
  #namespace
  #write
  #started = new WeakMap()
  /** By stream: how long its requests took, and how many of them failed. */
  #requests = new Map()
  #counted = new Map()

  constructor(producer, { namespace, write = console.log }) {
    this.#producer = producer
    this.#namespace = namespace
    this.#write = write
    subscribe(`${CHANNEL}:start`, this.#onStart)
    subscribe(`${CHANNEL}:asyncEnd`, this.#onEnd)
  }

  /** Writes what happened since the last time. */
  print() {
    for (const [stream, stats] of Object.entries(this.#producer.stats().streams)) {
      const { roundTrips, failed } = this.#requestsOf(stream)
      this.#requests.delete(stream)
      const values = {
        ...this.#newOf(stream, stats),
        PendingRecords: stats.pendingRecords,
        OldestPendingMs: Math.round(stats.oldestPendingMs),
        FailedRequests: failed,
        ...(roundTrips.length > 0 && { RoundTripMs: roundTrips })
      }
      this.#write(JSON.stringify({ ...this.#header(Object.keys(values)), Stream: stream, ...values }))
    }
  }

  stop() {
    unsubscribe(`${CHANNEL}:start`, this.#onStart)
    unsubscribe(`${CHANNEL}:asyncEnd`, this.#onEnd)
  }

  #header(names) {
    const Metrics = names.map(Name => ({ Name, Unit: UNITS[Name] }))
    const directive = { Namespace: this.#namespace, Dimensions: [['Stream']], Metrics }
    return { _aws: { Timestamp: Date.now(), CloudWatchMetrics: [directive] } }
  }

  #newOf(stream, stats) {
    const before = this.#counted.get(stream)
    const now = Object.fromEntries(Object.entries(COUNTERS).map(([name, read]) => [name, read(stats)]))
    this.#counted.set(stream, now)
    // A stream that was idle for long counts from zero again.
    const isNew = before === undefined || now.Requests < before.Requests
    return isNew
      ? now
      : Object.fromEntries(Object.entries(now).map(([name, count]) => [name, count - before[name]]))
  }

  #requestsOf(stream) {
    let requests = this.#requests.get(stream)
    if (requests === undefined) this.#requests.set(stream, (requests = { roundTrips: [], failed: 0 }))
    return requests
  }

  #onStart = request => {
    this.#started.set(request, performance.now())
  }

  #onEnd = request => {
    const started = this.#started.get(request)
    if (started === undefined) return
    const requests = this.#requestsOf(request.stream)
    if (request.error !== undefined) requests.failed++
    else if (requests.roundTrips.length < MOST_VALUES) {
      requests.roundTrips.push(Math.round(performance.now() - started))
    }
  }
}
