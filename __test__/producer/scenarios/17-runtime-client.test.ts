/** Scenario 17 under AWS's own runtime client: `npm run test:lambda`. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { KinesisStreamEvent } from 'aws-lambda'
import { type KinesisRecordInput, deaggregateSync } from 'kinesis-agg'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type LambdaFunction, lambdaClient, underLambdaClient } from '../../support/lambda-client'
import { Endpoint } from '../support/endpoint'
import { sightings, storedIn } from '../support/judge'

/** Longer than the `recordTtlMs` of the function. */
const FREEZE_MS = 4000
const COUNT = 20

const here = dirname(fileURLToPath(import.meta.url))
const fixture = (): KinesisStreamEvent =>
  JSON.parse(readFileSync(join(here, '../../fixtures/events/kinesis.json'), 'utf8')) as KinesisStreamEvent

async function underClient(
  handler: string,
  env: NodeJS.ProcessEnv,
  test: (lambda: LambdaFunction, endpoint: Endpoint) => Promise<void>
): Promise<void> {
  const endpoint = new Endpoint({ out: { shards: 2 } })
  onTestFinished(() => endpoint.stop())
  const { url } = await endpoint.listen()
  const CLIENT = JSON.stringify({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' }
  })
  await underLambdaClient(
    join(here, '../support'),
    `lambda-function.${handler}`,
    { ...env, CLIENT },
    lambda => test(lambda, endpoint)
  )
}

const numbersIn = (endpoint: Endpoint): number[] =>
  [...new Set(sightings(storedIn(endpoint.stream('out'))).map(({ id }) => id))].toSorted((a, b) => a - b)

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

async function freeze({ process }: LambdaFunction): Promise<void> {
  process.kill('SIGSTOP')
  await sleep(FREEZE_MS)
  process.kill('SIGCONT')
}

describe.skipIf(lambdaClient === undefined)("17: a producer under AWS's own runtime client", () => {
  it('all is stored when the handler answers; frozen between invocations, and amid a request', () =>
    underClient('put', {}, async (lambda, endpoint) => {
      let frozen: Promise<void> | undefined
      for (let i = 0; i < 6; i++) {
        if (i === 2) await freeze(lambda)
        if (i === 4) {
          endpoint.faults['PutRecords'] = async (_, store) => {
            const answer = await store()
            frozen ??= freeze(lambda)
            await frozen
            return answer
          }
        }
        expect(await lambda.invoke({ first: i * COUNT, count: COUNT }, 60_000)).toEqual({
          path: 'response',
          body: { first: i * COUNT }
        })
        expect(numbersIn(endpoint)).toEqual(upTo((i + 1) * COUNT))
      }
      expect(frozen).toBeDefined()
    }))

  it('several invocations at a time, in worker threads where the client has them', () =>
    underClient('put', { AWS_LAMBDA_MAX_CONCURRENCY: '8' }, async ({ invoke }, endpoint) => {
      const answers = await Promise.all(upTo(40).map(i => invoke({ first: i * COUNT, count: COUNT }, 60_000)))
      expect(answers).toEqual(upTo(40).map(i => ({ path: 'response', body: { first: i * COUNT } })))
      expect(numbersIn(endpoint)).toEqual(upTo(40 * COUNT))
    }))

  it('a deadline that is too short: it fails in time, so that the event comes again', () =>
    underClient('put', {}, async ({ invoke }, endpoint) => {
      let answer = (): void => {}
      const late = new Promise<void>(resolve => (answer = resolve))
      endpoint.faults['PutRecords'] = async (_, store) => {
        await late
        return store()
      }
      expect(await invoke({ first: 0, count: COUNT }, 1500)).toMatchObject({
        path: 'error',
        body: { errorType: expect.stringContaining('IncompleteError') as string }
      })
      answer()
      expect(await invoke({ first: 0, count: COUNT }, 60_000)).toEqual({
        path: 'response',
        body: { first: 0 }
      })
      expect(numbersIn(endpoint)).toEqual(upTo(COUNT))
    }))

  it('forwardEvent: an event is stored when it answers; a damaged record comes again', () =>
    underClient('forward', {}, async ({ invoke }, endpoint) => {
      const event = fixture()
      expect(await invoke(event, 60_000)).toEqual({ path: 'response', body: { batchItemFailures: [] } })
      const textsIn = (records: readonly KinesisRecordInput[]): string[] =>
        deaggregateSync(records)
          .map(({ data }) => data.toString())
          .toSorted()
      const stored = storedIn(endpoint.stream('out'))
      expect(
        textsIn(stored.map(({ partitionKey, ...rest }) => ({ ...rest, partitionKey: partitionKey! })))
      ).toEqual(textsIn(event.Records))
      const { kinesis } = event.Records[2]!
      kinesis.data = kinesis.data.slice(0, -4)
      expect(await invoke(event, 60_000)).toEqual({
        path: 'response',
        body: { batchItemFailures: [{ itemIdentifier: kinesis.sequenceNumber }] }
      })
    }))
})
