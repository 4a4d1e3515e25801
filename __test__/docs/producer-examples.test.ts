/** The examples with the producer, before a Kinesis on loopback that has its bad moments. */
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { type DeaggregatedRecord, deaggregateSync } from 'kinesis-agg'
import { KinesisProducer } from 'kinesis-agg/producer'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Endpoint, refusal } from '../producer/support/endpoint'
import { always, times } from '../producer/support/faults'
import { storedIn } from '../producer/support/judge'
import { endOf, runNode, spawnNode } from '../support/run-node'

const examples = join(__dirname, '..', '..', 'examples')
const example = (name: string): string => join(examples, name)

interface Kinesis {
  endpoint: Endpoint
  client: () => ReturnType<Awaited<ReturnType<Endpoint['listen']>>['client']>
  /** For the environment of an example. */
  env: Record<string, string>
  stored(): DeaggregatedRecord[]
}

async function startEndpoint(): Promise<Kinesis> {
  const endpoint = new Endpoint({ readings: { shards: 2 } })
  const { url, client } = await endpoint.listen()
  onTestFinished(() => endpoint.stop())
  return {
    endpoint,
    client,
    env: {
      AWS_ENDPOINT_URL_KINESIS: url,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      STREAM: 'readings'
    },
    stored: () =>
      storedIn(endpoint.stream('readings')).flatMap(({ data, partitionKey, sequenceNumber }) =>
        deaggregateSync({ Data: data, PartitionKey: partitionKey ?? '', SequenceNumber: sequenceNumber })
      )
  }
}

/** The numbers of the readings of each device, in the order of storing. */
function byDevice(stored: DeaggregatedRecord[]): Record<string, number[]> {
  const found: Record<string, number[]> = {}
  for (const { partitionKey, data } of stored) {
    ;(found[partitionKey] ??= []).push((JSON.parse(data.toString()) as { n: number }).n)
  }
  return found
}

const range = (start: number, end: number, step = 1): number[] =>
  Array.from({ length: Math.ceil((end - start) / step) }, (_, i) => start + i * step)

describe('put', () => {
  it('tells where each record is stored', async () => {
    const { env, stored } = await startEndpoint()
    const { code, stdout, stderr } = await runNode([example('put.mjs')], env)
    expect([code, stderr]).toEqual([0, ''])
    const lines = stdout.trim().split('\n')
    expect(lines.map(line => line.split(' ')[0])).toEqual(['boiler-7', 'pump-1', 'boiler-7'])
    const places = stored().map(({ partitionKey, sequenceNumber }) => `${partitionKey} ${sequenceNumber}`)
    expect(places.toSorted()).toEqual(
      lines
        .map(line => line.split(' '))
        .map(([device, , sequenceNumber]) => `${device} ${sequenceNumber}`)
        .toSorted()
    )
  })

  it('tells of what is not stored', async () => {
    const { endpoint, env, stored } = await startEndpoint()
    endpoint.faults['PutRecords'] = always(refusal('ValidationException', 'a bad record'))
    const { code, stdout, stderr } = await runNode([example('put.mjs')], env)
    expect([code, stdout, stored()]).toEqual([1, '', []])
    expect(stderr).toMatch(/^boiler-7 ERR_PUT_REJECTED .*a bad record is not stored$/m)
    expect(stderr.trim().split('\n')).toHaveLength(3)
  })
})

describe('reaggregate', () => {
  const event = readFileSync(join(__dirname, '..', 'fixtures', 'events', 'kinesis.json'), 'utf8')
  const run = async (env: Record<string, string>): Promise<{ answer: unknown; stderr: string }> => {
    const code = `
      const { handler } = await import(${JSON.stringify(pathToFileURL(example('reaggregate.mjs')).href)})
      const context = { getRemainingTimeInMillis: () => 20000 }
      console.log(JSON.stringify(await handler(${event}, context)))
      process.exit()`
    const { stdout, stderr } = await runNode(['--input-type=module', '-e', code], {
      ...env,
      TARGET_STREAM: 'readings'
    })
    return { answer: JSON.parse(stdout), stderr }
  }

  it('keeps what is warm, with its keys', async () => {
    const { endpoint, env, stored } = await startEndpoint()
    expect(await run(env)).toEqual({ answer: { batchItemFailures: [] }, stderr: '' })
    // A plain record does not carry the hash key that it was put with.
    const hashKeys = new Map(
      endpoint.stream('readings').records.map(record => [record.sequenceNumber, record.explicitHashKey])
    )
    const found = stored().map(({ partitionKey, explicitHashKey, data, aggregated, sequenceNumber }) => ({
      sequence: (JSON.parse(data.toString()) as { sequence: number }).sequence,
      partitionKey,
      explicitHashKey: aggregated ? explicitHashKey : hashKeys.get(sequenceNumber)
    }))
    expect(found.toSorted((a, b) => a.sequence - b.sequence)).toEqual([
      { sequence: 2, partitionKey: 'boiler-7', explicitHashKey: '85070591730234615865843651857942052864' },
      { sequence: 3, partitionKey: 'pump-1', explicitHashKey: undefined },
      { sequence: 4, partitionKey: 'boiler-9', explicitHashKey: undefined },
      { sequence: 5, partitionKey: 'boiler-9', explicitHashKey: undefined }
    ])
  })

  it('names the Kinesis record of which nothing could be put', async () => {
    const { endpoint, env } = await startEndpoint()
    endpoint.faults['PutRecords'] = always(refusal('ValidationException', 'a bad record'))
    const { answer, stderr } = await run(env)
    const [first] = (JSON.parse(event) as { Records: { kinesis: { sequenceNumber: string } }[] }).Records
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: first!.kinesis.sequenceNumber }] })
    expect(stderr).toContain('a bad record')
  })
})

// On Windows a signal ends a process at once.
const itWithSignals = it.skipIf(process.platform === 'win32')

describe('server', () => {
  /** Starts the example; ends with where it listens. */
  async function start(env: Record<string, string>) {
    const child = spawnNode([example('server.mjs')], { PORT: '0', ...env })
    onTestFinished(() => void child.kill('SIGKILL'))
    const ended = endOf(child)
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const { listening } = JSON.parse(line.toString()) as { listening: number }
    return { child, ended, url: `http://127.0.0.1:${listening}` }
  }

  const lastOf = (stdout: string): unknown => JSON.parse(stdout.trim().split('\n').at(-1)!)

  itWithSignals('logs each request, and has stored all of them when it ends after SIGTERM', async () => {
    const { endpoint, env, stored } = await startEndpoint()
    const { child, ended, url } = await start(env)
    let release!: () => void
    const released = new Promise<void>(resolve => (release = resolve))
    endpoint.faults['PutRecords'] = async (_, store) => {
      await released
      return store()
    }
    const responses = await Promise.all(range(0, 200).map(n => fetch(`${url}/${n}`)))
    expect(responses.map(({ status }) => status)).toEqual(Array(200).fill(200))
    for (const response of responses) await response.text()
    expect(stored()).toEqual([])
    child.kill('SIGTERM')
    release()
    const { code, stdout, stderr } = await ended
    expect([code, stderr]).toEqual([0, ''])
    expect(lastOf(stdout)).toEqual({ accepted: 200, delivered: 200, failed: {} })
    const urls = stored().map(({ data }) => (JSON.parse(data.toString()) as { url: string }).url)
    expect(urls.toSorted()).toEqual(
      range(0, 200)
        .map(n => `/${n}`)
        .toSorted()
    )
    await expect(fetch(url)).rejects.toThrow('fetch failed')
  })

  itWithSignals('ends in time while Kinesis hangs, and logs what may be lost', async () => {
    const { endpoint, env } = await startEndpoint()
    const { child, ended, url } = await start({ ...env, SHUTDOWN_MS: '1000' })
    endpoint.faults['PutRecords'] = always('mute')
    await (await fetch(`${url}/lost`)).text()
    const asked = performance.now()
    child.kill('SIGTERM')
    const { code, stdout, stderr } = await ended
    // Without SHUTDOWN_MS the record's time-to-live would be waited for, which is two minutes.
    expect(performance.now() - asked).toBeLessThan(60_000)
    expect(code).toBe(1)
    expect(lastOf(stdout)).toEqual({ accepted: 1, delivered: 0, failed: { ERR_PRODUCER_ABORTED: 1 } })
    const { event, ...rest } = JSON.parse(stderr) as { event: string }
    expect(rest).toEqual({ notStored: 'ERR_PRODUCER_ABORTED', maybeStored: true })
    expect(JSON.parse(event)).toMatchObject({ method: 'GET', url: '/lost' })
  })

  it('does not begin without its stream', async () => {
    const { env } = await startEndpoint()
    const { code, stderr } = await runNode([example('server.mjs')], { ...env, STREAM: 'none' })
    expect(code).toBe(1)
    expect(stderr).toContain('none')
  })
})

describe('lines', () => {
  it('puts a file, tells how far it is, and keeps the lines that cannot be put', async () => {
    const { endpoint, env, stored } = await startEndpoint()
    endpoint.faults['PutRecords'] = times(1, async (_, store) => {
      await sleep(1200)
      return store()
    })
    const folder = mkdtempSync(join(tmpdir(), 'kinesis-agg-lines-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'readings.ndjson')
    const bad = ['{"id": "a', JSON.stringify({ id: 'x'.repeat(257), n: 0 })]
    const good = range(0, 20_000).map(n => JSON.stringify({ id: `d${n % 7}`, n }))
    writeFileSync(file, [...good.slice(0, 9), ...bad, ...good.slice(9)].join('\n'))

    const { code, stdout, stderr } = await runNode([example('lines.mjs'), file], env)
    expect(code).toBe(1)
    const said = stdout.trim().split('\n')
    expect(said.length).toBeGreaterThanOrEqual(2)
    for (const line of said) expect(line).toMatch(/^\d+ % read, \d+ records stored, \d+ on their way$/)
    expect(said.at(-1)).toBe('100 % read, 20000 records stored, 0 on their way')
    expect(stderr).toContain(`2 lines are in ${file}.failed\n`)
    expect(readFileSync(`${file}.failed`, 'utf8').trim().split('\n').toSorted()).toEqual(bad.toSorted())
    expect(byDevice(stored())).toEqual(
      Object.fromEntries(range(0, 7).map(device => [`d${device}`, range(device, 20_000, 7)]))
    )
  })

  it('ends well if every line is stored', async () => {
    const { env, stored } = await startEndpoint()
    const folder = mkdtempSync(join(tmpdir(), 'kinesis-agg-lines-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'one.ndjson')
    writeFileSync(file, '{"id":1,"n":1}\n{"n":2}\n')
    const { code, stdout, stderr } = await runNode([example('lines.mjs'), file], env)
    expect([code, stdout, stderr]).toEqual([0, '100 % read, 2 records stored, 0 on their way\n', ''])
    const numbers = stored().map(({ data }) => (JSON.parse(data.toString()) as { n: number }).n)
    expect(numbers.toSorted()).toEqual([1, 2])
  })
})

describe('pipeline', () => {
  const lines = range(0, 30_000).map(n => JSON.stringify({ device: `d${n % 50}`, n, text: 'x'.repeat(60) }))

  it('puts lines of standard input', async () => {
    const { endpoint, env, stored } = await startEndpoint()
    const { code, stderr } = await runNode([example('pipeline.mjs')], env, `${lines.join('\n')}\n`)
    expect([code, stderr]).toEqual([0, ''])
    expect(byDevice(stored())).toEqual(
      Object.fromEntries(range(0, 50).map(device => [`d${device}`, range(device, 30_000, 50)]))
    )
    // Some 70 of 50 KB each; more on a machine so slow that linger is over before one is full.
    expect(storedIn(endpoint.stream('readings')).length).toBeLessThan(1500)
  })

  it('fails if a line is not stored', async () => {
    const { endpoint, env } = await startEndpoint()
    endpoint.faults['PutRecords'] = always(refusal('ValidationException', 'a bad record'))
    const { code, stderr } = await runNode([example('pipeline.mjs')], env, `${lines[0]}\n`)
    expect(code).toBe(1)
    expect(stderr).toContain('ERR_PUT_REJECTED')
  })
})

const load = (name: string): Promise<Record<string, any>> =>
  import(/* @vite-ignore */ pathToFileURL(example(name)).href) as Promise<Record<string, any>>

/** A producer whose first request fails, in this process. */
async function startProducer(): Promise<{ producer: KinesisProducer; endpoint: Endpoint }> {
  const { endpoint, client } = await startEndpoint()
  endpoint.faults['PutRecords'] = times(1, always(refusal('InternalFailure', 'no', 500)))
  const producer = new KinesisProducer({ client: client(), stream: 'readings', lingerMs: 0 })
  onTestFinished(() => producer.abort())
  return { producer, endpoint }
}

describe('OpenTelemetry', () => {
  it('has a span for each request, and what stats() counts as metrics', async () => {
    const spans = new InMemorySpanExporter()
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
    const reader = new PeriodicExportingMetricReader({ exporter })
    const meters = new MeterProvider({ readers: [reader] })
    trace.setGlobalTracerProvider(
      new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] })
    )
    metrics.setGlobalMeterProvider(meters)
    onTestFinished(async () => {
      trace.disable()
      metrics.disable()
      await meters.shutdown()
    })
    const { producer } = await startProducer()
    const { observe } = (await load('opentelemetry.mjs')) as {
      observe: (producer: KinesisProducer) => () => void
    }
    const stop = observe(producer)
    await producer.put({ partitionKey: 'a', data: '1' })
    await expect(producer.put({ partitionKey: 'x'.repeat(257), data: '2' })).rejects.toThrow()

    const attributes = {
      'messaging.system': 'aws_kinesis',
      'messaging.operation.name': 'PutRecords',
      'messaging.destination.name': 'readings',
      'messaging.batch.message_count': 1,
      'kinesis_agg.bytes': 2
    }
    expect(spans.getFinishedSpans()).toMatchObject([
      {
        name: 'PutRecords readings',
        kind: SpanKind.CLIENT,
        status: { code: SpanStatusCode.ERROR, message: 'no' },
        attributes: { ...attributes, 'kinesis_agg.attempt': 1, 'error.type': 'InternalFailure' }
      },
      { status: { code: SpanStatusCode.UNSET }, attributes: { ...attributes, 'kinesis_agg.attempt': 2 } }
    ])
    expect(spans.getFinishedSpans().map(span => span.parentSpanContext)).toEqual([undefined, undefined])

    const collect = async (): Promise<Record<string, unknown>> => {
      exporter.reset()
      await reader.forceFlush()
      const scopes = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics)
      return Object.fromEntries(
        scopes
          .flatMap(scope => scope.metrics)
          .map(({ descriptor, dataPoints }) => [
            descriptor.name,
            dataPoints.map(point => [point.attributes, point.value])
          ])
      )
    }
    const stream = { 'messaging.destination.name': 'readings' }
    expect(await collect()).toMatchObject({
      'kinesis_agg.delivered': [[stream, 1]],
      'kinesis_agg.requests': [[stream, 2]],
      'kinesis_agg.retried': [[stream, 1]],
      'kinesis_agg.put_units': [[stream, 2]],
      'kinesis_agg.pending_records': [[stream, 0]],
      'kinesis_agg.failed': [[{ ...stream, 'error.type': 'ERR_INVALID_PARTITION_KEY' }, 1]]
    })
    const { streams } = producer.stats()
    expect(streams['readings']!.maybeDuplicated).toBe(1)

    stop()
    await producer.put({ partitionKey: 'a', data: '3' })
    expect(spans.getFinishedSpans()).toHaveLength(2)
    // The SDK goes on to export what it was told last.
    expect(await collect()).toMatchObject({ 'kinesis_agg.delivered': [[stream, 1]] })
  })
})

describe('CloudWatch EMF', () => {
  interface Line {
    _aws: {
      Timestamp: number
      CloudWatchMetrics: {
        Namespace: string
        Dimensions: string[][]
        Metrics: { Name: string; Unit: string }[]
      }[]
    }
    [name: string]: unknown
  }

  it('writes what is new since the last line', async () => {
    const { producer } = await startProducer()
    const { EmfMetrics } = await load('cloudwatch-emf.mjs')
    const lines: string[] = []
    const emf = new EmfMetrics(producer, { namespace: 'Tests', write: (line: string) => lines.push(line) })
    const print = (): Line => {
      emf.print()
      expect(lines).toHaveLength(1)
      return JSON.parse(lines.pop()!) as Line
    }
    await producer.put({ partitionKey: 'a', data: '1' })
    await expect(producer.put({ partitionKey: 'x'.repeat(257), data: '2' })).rejects.toThrow()
    const first = print()
    const [directive] = first._aws.CloudWatchMetrics
    expect(directive).toMatchObject({ Namespace: 'Tests', Dimensions: [['Stream']] })
    expect(Math.abs(first._aws.Timestamp - Date.now())).toBeLessThan(5000)
    const { _aws, Stream, RoundTripMs, OldestPendingMs, ...counts } = first
    expect(Stream).toBe('readings')
    expect(counts).toEqual({
      Delivered: 1,
      Failed: 1,
      Requests: 2,
      PutUnits: 2,
      Throttled: 0,
      Retried: 1,
      PendingRecords: 0,
      FailedRequests: 1
    })
    expect(OldestPendingMs).toBe(0)
    expect(RoundTripMs).toEqual([expect.any(Number)])
    expect(directive!.Metrics.map(({ Name }) => Name).toSorted()).toEqual(
      Object.keys({ ...counts, RoundTripMs, OldestPendingMs }).toSorted()
    )
    for (const { Unit } of directive!.Metrics) expect(['Count', 'Milliseconds']).toContain(Unit)

    const idle = print()
    expect(idle).toMatchObject({ Delivered: 0, Failed: 0, Requests: 0, FailedRequests: 0 })
    expect(idle).not.toHaveProperty('RoundTripMs')

    for (let i = 0; i < 103; i++) await producer.put({ partitionKey: 'a', data: '1' })
    const busy = print()
    expect(busy).toMatchObject({ Delivered: 103, Requests: 103 })
    expect(busy['RoundTripMs']).toHaveLength(100)

    emf.stop()
    await producer.put({ partitionKey: 'a', data: '1' })
    expect(print()).not.toHaveProperty('RoundTripMs')
  })
})
