/** A split and a merge in kinesis-local, an implementation that is not ours. */
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  KinesisClient,
  ListShardsCommand,
  MergeShardsCommand,
  SplitShardCommand
} from '@aws-sdk/client-kinesis'
import { KinesisProducer } from 'kinesis-agg/producer'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { startKinesis } from '../../../scripts/kinesis-local.mjs'
import { Endpoint } from '../support/endpoint'
import { judge } from '../support/judge'
import { Ledger } from '../support/ledger'
import { forwardTo, readAll } from '../support/local-backend'
import { putSteadily } from '../support/scenario'

let kinesis: Awaited<ReturnType<typeof startKinesis>>
let admin: KinesisClient

beforeAll(async () => {
  kinesis = await startKinesis()
  admin = new KinesisClient(kinesis.clientOptions)
})
afterAll(async () => {
  admin.destroy()
  await kinesis.stop()
})

async function openShards(StreamName: string) {
  const { Shards } = await admin.send(
    new ListShardsCommand({ StreamName, ShardFilter: { Type: 'AT_LATEST' } })
  )
  return Shards!.toSorted((a, b) =>
    BigInt(a.HashKeyRange!.StartingHashKey!) < BigInt(b.HashKeyRange!.StartingHashKey!) ? -1 : 1
  )
}

async function untilActive(StreamName: string): Promise<void> {
  for (;;) {
    const { StreamDescriptionSummary } = await admin.send(new DescribeStreamSummaryCommand({ StreamName }))
    if (StreamDescriptionSummary!.StreamStatus === 'ACTIVE') return
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

async function split(StreamName: string): Promise<void> {
  for (const { ShardId, HashKeyRange } of await openShards(StreamName)) {
    const low = BigInt(HashKeyRange!.StartingHashKey!)
    const middle = (low + BigInt(HashKeyRange!.EndingHashKey!)) / 2n
    await admin.send(
      new SplitShardCommand({ StreamName, ShardToSplit: ShardId, NewStartingHashKey: String(middle) })
    )
    await untilActive(StreamName)
  }
}

async function merge(StreamName: string): Promise<void> {
  const [low, high] = await openShards(StreamName)
  await admin.send(
    new MergeShardsCommand({ StreamName, ShardToMerge: low!.ShardId, AdjacentShardToMerge: high!.ShardId })
  )
}

it('split and merge under load: KCL sees every record, in order, none twice', async () => {
  const StreamName = 'local'
  await admin.send(new CreateStreamCommand({ StreamName, ShardCount: 2 }))
  while ((await openShards(StreamName).catch(() => [])).length < 2) {
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  const endpoint = new Endpoint()
  endpoint.backend = forwardTo(kinesis.endpoint)
  const { client } = await endpoint.listen()
  const producer = new KinesisProducer({
    client: client(),
    stream: StreamName,
    lingerMs: 50,
    // A request that a busy machine answers late is not put again.
    requestTimeoutMs: 60_000
  })
  onTestFinished(async () => {
    producer.abort()
    await endpoint.stop()
  })
  const ledger = new Ledger()
  const load = putSteadily({ producer, ledger }, { perSecond: 500, forMs: 3000, keys: 100, bytes: 50 })
  await new Promise(resolve => setTimeout(resolve, 700))
  await split(StreamName)
  await new Promise(resolve => setTimeout(resolve, 900))
  await merge(StreamName)
  await load
  await ledger.settled()

  const verdict = judge(ledger, await readAll(admin, StreamName))
  expect(verdict.violations).toEqual([])
  expect(ledger.of('fulfilled')).toHaveLength(ledger.entries.length)
  expect(verdict.repeatedForKcl).toBe(0)
  expect(await openShards(StreamName)).toHaveLength(3)
  expect(verdict.sightings.some(({ aggregated }) => aggregated)).toBe(true)
})
