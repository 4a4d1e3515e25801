// Spans and metrics of a producer for OpenTelemetry: a span for each PutRecords call, from the diagnostics channel, and
// what stats() counts, each time that a reader of metrics collects. Needs @opentelemetry/api, and an SDK that you set up.
//
//   const stop = observe(producer)
import { tracingChannel } from 'node:diagnostics_channel'
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, metrics, trace } from '@opentelemetry/api'

const NAME = 'kinesis-agg'

function traceRequests() {
  const tracer = trace.getTracer(NAME)
  const spans = new WeakMap()
  const subscribers = {
    start(request) {
      const attributes = {
        'messaging.system': 'aws_kinesis',
        'messaging.operation.name': 'PutRecords',
        'messaging.destination.name': request.stream,
        'messaging.batch.message_count': request.records,
        'kinesis_agg.bytes': request.bytes,
        'kinesis_agg.attempt': request.attempt
      }
      // A root: the request carries records of many callers, and belongs to none of their traces.
      const options = { kind: SpanKind.CLIENT, attributes }
      spans.set(request, tracer.startSpan(`PutRecords ${request.stream}`, options, ROOT_CONTEXT))
    },
    error(request) {
      const span = spans.get(request)
      span?.setStatus({ code: SpanStatusCode.ERROR, message: request.error.message })
      span?.setAttribute('error.type', request.error.name)
    },
    asyncEnd(request) {
      spans.get(request)?.end()
    }
  }
  const channel = tracingChannel('kinesis-agg:producer:put-records')
  channel.subscribe(subscribers)
  return () => channel.unsubscribe(subscribers)
}

function measure(producer) {
  const meter = metrics.getMeter(NAME)
  const counter = (name, unit) => meter.createObservableCounter(`kinesis_agg.${name}`, { unit })
  const gauge = (name, unit) => meter.createObservableGauge(`kinesis_agg.${name}`, { unit })
  // What grows, and what goes up and down, by its name in stats().
  const plain = {
    accepted: counter('accepted', '{record}'),
    delivered: counter('delivered', '{record}'),
    maybeDuplicated: counter('maybe_duplicated', '{record}'),
    requests: counter('requests', '{request}'),
    kinesisRecords: counter('kinesis_records', '{record}'),
    putUnits: counter('put_units', '{unit}'),
    throttled: counter('throttled', '{record}'),
    retried: counter('retried', '{record}'),
    bytes: counter('bytes', 'By'),
    pendingRecords: gauge('pending_records', '{record}'),
    pendingBytes: gauge('pending_bytes', 'By'),
    oldestPendingMs: gauge('oldest_pending', 'ms')
  }
  const failed = counter('failed', '{record}')
  const instruments = [...Object.values(plain), failed]
  const collect = result => {
    for (const [stream, stats] of Object.entries(producer.stats().streams)) {
      const attributes = { 'messaging.destination.name': stream }
      for (const [name, instrument] of Object.entries(plain)) {
        result.observe(instrument, stats[name], attributes)
      }
      for (const [code, count] of Object.entries(stats.failed)) {
        result.observe(failed, count, { ...attributes, 'error.type': code })
      }
    }
  }
  meter.addBatchObservableCallback(collect, instruments)
  return () => meter.removeBatchObservableCallback(collect, instruments)
}

/** Ends with what it returns. The spans are of all producers of the process. */
export function observe(producer) {
  const stops = [traceRequests(), measure(producer)]
  return () => {
    for (const stop of stops) stop()
  }
}
