/** A split and a merge in kinesis-local, an implementation that is not ours. */
import { DescribeStreamSummaryCommand, MergeShardsCommand, SplitShardCommand } from '@aws-sdk/client-kinesis'
import { KinesisProducer } from 'kinesis-agg/producer'
import { expect, it, onTestFinished } from 'vitest'
import { useLocalKinesis } from '../../support/local-kinesis'
import { Endpoint } from '../support/endpoint'
import { judge } from '../support/judge'
import { Ledger } from '../support/ledger'
import { forwardTo, readAll } from '../support/local-backend'
import { putSteadily } from '../support/scenario'

const local = useLocalKinesis()

async function untilActive(StreamName: string): Promise<void> {
  for (;;) {
    const { StreamDescriptionSummary } = await local.admin.send(
      new DescribeStreamSummaryCommand({ StreamName })
    )
    if (StreamDescriptionSummary!.StreamStatus === 'ACTIVE') return
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

async function split(StreamName: string): Promise<void> {
  for (const { ShardId, HashKeyRange } of await local.openShards(StreamName)) {
    const low = BigInt(HashKeyRange!.StartingHashKey!)
    const middle = (low + BigInt(HashKeyRange!.EndingHashKey!)) / 2n
    await local.admin.send(
      new SplitShardCommand({ StreamName, ShardToSplit: ShardId, NewStartingHashKey: String(middle) })
    )
    await untilActive(StreamName)
  }
}

async function merge(StreamName: string): Promise<void> {
  const [low, high] = await local.openShards(StreamName)
  await local.admin.send(
    new MergeShardsCommand({ StreamName, ShardToMerge: low!.ShardId, AdjacentShardToMerge: high!.ShardId })
  )
}

it('split and merge under load: KCL sees every record, in order, none twice', async () => {
  const StreamName = await local.create('local')
  const endpoint = new Endpoint()
  endpoint.backend = forwardTo(local.endpoint)
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

  const verdict = judge(ledger, await readAll(local.admin, StreamName))
  expect(verdict.violations).toEqual([])
  expect(ledger.of('fulfilled')).toHaveLength(ledger.entries.length)
  expect(verdict.repeatedForKcl).toBe(0)
  expect(await local.openShards(StreamName)).toHaveLength(3)
  expect(verdict.sightings.some(({ aggregated }) => aggregated)).toBe(true)
})
