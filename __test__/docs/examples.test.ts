import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { FirehoseTransformationResult, KinesisStreamEvent } from 'aws-lambda'
import { build } from 'esbuild'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { deaggregateSync, type SdkRecord } from 'kinesis-agg'
import { type KinesisMock, type PutEntry, startKinesisMock } from '../support/kinesis-mock'
import { type LambdaFunction, lambdaClient, underLambdaClient } from '../support/lambda-client'
import { type NodeRun, runNode } from '../support/run-node'

const root = join(__dirname, '..', '..')
const examples = join(root, 'examples')
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kinesis-agg-examples-'))
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(root, join(folder, 'node_modules', 'kinesis-agg'), 'junction')
})
afterAll(() => rmSync(folder, { recursive: true }))

function fixture<T = KinesisStreamEvent>(name = 'kinesis'): T {
  return JSON.parse(readFileSync(join(__dirname, '..', 'fixtures', 'events', `${name}.json`), 'utf8')) as T
}

/** Calls a handler in a process of its own, as it is installed; its answer comes last. */
async function invoke<T>(
  file: string,
  event: unknown,
  env: Record<string, string> = {}
): Promise<{ answer: T; lines: string[]; errors: string }> {
  const code = `
    let text = ''
    for await (const chunk of process.stdin) text += chunk
    const { handler } = await import(${JSON.stringify(pathToFileURL(file).href)})
    console.log(JSON.stringify({ answer: await handler(JSON.parse(text)) }))
    process.exit()`
  const { stdout, stderr } = await runNode(['--input-type=module', '-e', code], env, JSON.stringify(event))
  const lines = stdout.trim().split('\n')
  const last = lines.pop()!
  if (!last.startsWith('{"answer"') && last !== '{}') throw new Error(stderr)
  return { ...(JSON.parse(last) as { answer: T }), lines, errors: stderr }
}

const numbersOf = (entries: PutEntry[]): number[] =>
  deaggregateSync(entries as SdkRecord[]).map(
    ({ data }) => (JSON.parse(data.toString()) as { sequence: number }).sequence
  )

const failedAt = (event: KinesisStreamEvent, i: number): object => ({
  batchItemFailures: [{ itemIdentifier: event.Records[i]!.kinesis.sequenceNumber }]
})

const handled = [
  'boiler-7: 20 °C',
  'boiler-9: 20.25 °C',
  'boiler-7: 20.5 °C',
  'pump-1: 20.75 °C',
  'boiler-9: 21 °C',
  'boiler-9: 21.25 °C'
]

describe('consumer', () => {
  it('handles a batch, and tells Lambda where it failed', async () => {
    const event = fixture()
    const file = join(examples, 'consumer.mjs')
    expect(await invoke(file, event)).toEqual({
      answer: { batchItemFailures: [] },
      lines: handled,
      errors: ''
    })
    event.Records[1]!.kinesis.data = Buffer.from('{"device":"pump-1"}').toString('base64')
    const { answer, lines, errors } = await invoke(file, event)
    expect(answer).toEqual(failedAt(event, 1))
    expect(lines).toEqual(handled.slice(0, 3))
    expect(errors).toContain('pump-1 sent no temperature')
  })

  it('does the same in TypeScript, which compiles under strict settings', async () => {
    const program = ts.createProgram([join(examples, 'consumer.ts')], {
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      skipLibCheck: false,
      module: ts.ModuleKind.Node16,
      target: ts.ScriptTarget.ES2022,
      types: ['node'],
      typeRoots: [join(root, 'node_modules', '@types')]
    })
    expect(ts.getPreEmitDiagnostics(program).map(({ messageText }) => messageText)).toEqual([])

    const outfile = join(folder, 'consumer.mjs')
    await build({
      entryPoints: [join(examples, 'consumer.ts')],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      external: ['kinesis-agg']
    })
    const event = fixture()
    expect(await invoke(outfile, event)).toEqual({
      answer: { batchItemFailures: [] },
      lines: handled,
      errors: ''
    })
    event.Records[2]!.kinesis.data = event.Records[2]!.kinesis.data.slice(0, -4)
    const { answer, lines, errors } = await invoke(outfile, event)
    expect(answer).toEqual(failedAt(event, 2))
    expect(lines).toEqual(handled.slice(0, 4))
    expect(JSON.parse(errors)).toMatchObject({ metric: 'failures', kind: 'ERR_INVALID_CHECKSUM' })
  })

  describe.skipIf(lambdaClient === undefined)("under AWS's own runtime client", () => {
    const underClient = (
      env: NodeJS.ProcessEnv,
      test: (lambda: LambdaFunction) => Promise<void>
    ): Promise<void> => underLambdaClient(examples, 'consumer.handler', env, test)

    it('answers, fails and goes on', () =>
      underClient({}, async ({ invoke, said }) => {
        const event = fixture()
        expect(await invoke(event)).toEqual({ path: 'response', body: { batchItemFailures: [] } })
        await vi.waitUntil(() => handled.every(line => said().includes(line)), 30_000)

        event.Records[2]!.kinesis.data = event.Records[2]!.kinesis.data.slice(0, -4)
        expect(await invoke(event)).toEqual({ path: 'response', body: failedAt(event, 2) })

        event.Records[2]!.kinesis.sequenceNumber = ''
        expect(await invoke(event)).toMatchObject({
          path: 'error',
          body: { errorMessage: 'Invalid record checksum' }
        })

        expect(await invoke({ records: [] })).toMatchObject({
          path: 'error',
          body: { errorType: 'TypeError' }
        })
      }))

    it('many at a time, in worker threads where the client has them', () =>
      underClient({ AWS_LAMBDA_MAX_CONCURRENCY: '16' }, async ({ invoke }) => {
        const answers = await Promise.all(Array.from({ length: 200 }, () => invoke(fixture())))
        expect(answers).toEqual(
          Array.from({ length: 200 }, () => ({ path: 'response', body: { batchItemFailures: [] } }))
        )
      }))
  })
})

describe('Firehose transformation', () => {
  it('answers every recordId', async () => {
    const event = fixture<{ records: { recordId: string; data: string }[] }>('firehose')
    const { answer, errors } = await invoke<FirehoseTransformationResult>(
      join(examples, 'firehose.mjs'),
      event
    )
    expect(answer.records.map(({ recordId }) => recordId)).toEqual(
      event.records.map(({ recordId }) => recordId)
    )
    expect(answer.records.map(({ result }) => result)).toEqual(['Ok', 'Ok', 'ProcessingFailed', 'Dropped'])
    const texts = answer.records.map(({ data }) => Buffer.from(data!, 'base64').toString())
    expect(
      texts[0]!
        .trim()
        .split('\n')
        .map(line => (JSON.parse(line) as { sequence: number }).sequence)
    ).toEqual([0, 1, 2])
    expect(texts[0]!.endsWith('}\n')).toBe(true)
    expect(texts[1]).toBe('{"device":"pump-1","sequence":3,"temperature":20.75}\n')
    expect(answer.records[2]!.data).toBe(event.records[2]!.data)
    expect(errors).toBe(`${event.records[2]!.recordId}: Invalid record checksum\n`)
  })
})

/** Runs putAll over `count` records of 100 bytes each in an aggregate of its own. */
const putAll = async (kinesis: KinesisMock, count: number, maxAttempts: number): Promise<NodeRun> => {
  const code = `
    import { KinesisClient } from '@aws-sdk/client-kinesis'
    import { aggregate } from 'kinesis-agg'
    import { putAll } from ${JSON.stringify(pathToFileURL(join(examples, 'put-records.mjs')).href)}
    const records = Array.from({ length: ${count} }, (_, sequence) => ({
      partitionKey: 'k' + sequence, data: JSON.stringify({ sequence }).padEnd(100)
    }))
    const client = new KinesisClient({ maxAttempts: ${maxAttempts} })
    await putAll(client, 'readings', aggregate(records, { maxSize: 150 }))
    client.destroy()`
  return runNode(['--input-type=module', '-e', code], kinesis.env)
}

describe('producers', () => {
  const mocks: KinesisMock[] = []
  const start: typeof startKinesisMock = async refuse => {
    mocks.push(await startKinesisMock(refuse))
    return mocks.at(-1)!
  }
  afterAll(async () => {
    for (const mock of mocks) await mock.stop()
  })

  it('put-records: entries that Kinesis refuses are put again, and only those', async () => {
    const throttled = 'ProvisionedThroughputExceededException'
    const seen = new Map<string, number>()
    const kinesis = await start(({ PartitionKey }) => {
      const times = (seen.get(PartitionKey) ?? 0) + 1
      seen.set(PartitionKey, times)
      return Number(PartitionKey.slice(1)) % 100 === 7 && times <= 2 ? throttled : undefined
    })
    const { code, stderr } = await putAll(kinesis, 1100, 5)
    expect([code, stderr]).toEqual([0, ''])
    expect(kinesis.calls.map(call => call.length)).toEqual([500, 5, 5, 500, 5, 5, 100, 1, 1])
    expect(numbersOf(kinesis.taken).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 1100 }, (_, i) => i)
    )
  })

  it('put-records: gives up when the attempts are used up, and says so', async () => {
    const kinesis = await start(({ PartitionKey }) => (PartitionKey === 'k3' ? 'InternalFailure' : undefined))
    const { code, stderr } = await putAll(kinesis, 5, 2)
    expect(code).toBe(1)
    expect(stderr).toContain('1 records were not put: InternalFailure, Refused in call 2')
    expect(kinesis.calls.map(call => call.length)).toEqual([5, 1])
  })
})

it('each example is named in the README', () => {
  const readme = readFileSync(join(examples, 'README.md'), 'utf8')
  for (const file of readdirSync(examples)) if (file !== 'README.md') expect(readme).toContain(`(${file})`)
})
