/** Guesses, held against what the writers themselves wrote (interop/writers.mjs). */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ShardMap, ShardedAggregator, aggregate, deaggregateSync } from 'kinesis-agg'
import { KinesisProducer } from 'kinesis-agg/producer'
import { FakeKinesis } from 'kinesis-agg/testing'
import { describe, expect, it } from 'vitest'
import { type Writer, guessWriter } from '../../../src-js/cli/stat-writers'
import { vector } from '../../support/vectors'

interface Written {
  writer: string
  vectors: { set: string; records: { PartitionKey: string; Data: string }[] }[]
}
const { writers } = JSON.parse(
  readFileSync(join(__dirname, '..', '..', '..', 'interop', 'vectors', 'writers.json'), 'utf8')
) as { writers: Written[] }

function guess(partitionKey: string | undefined, data: Buffer): Writer {
  return guessWriter(deaggregateSync({ Data: data }), partitionKey, data)
}

const TRUTH: Record<string, Writer> = {
  KPL: 'kpl',
  'Java modules': 'java',
  'Python module': 'kinesis-agg',
  'Node.js module': 'kinesis-agg'
}

/** Where a writer leaves another trace than it does elsewhere. */
const PECULIAR: Record<string, Writer> = {
  // It makes no hash keys where there are some.
  'Java modules: every record with a hash key': 'kinesis-agg',
  'Java modules: hash keys on some records': 'kinesis-agg',
  'Node.js module: keys that look like integers': 'node'
}

describe.each(writers)('$writer', ({ writer, vectors }) => {
  it.each(vectors)('$set', ({ set, records }) => {
    expect(records.length).toBeGreaterThan(0)
    for (const { PartitionKey, Data } of records) {
      expect(guess(PartitionKey, Buffer.from(Data, 'base64'))).toBe(
        PECULIAR[`${writer}: ${set}`] ?? TRUTH[writer]
      )
    }
  })
})

const users = ['b', '2', '1', 'b'].map(partitionKey => ({ partitionKey, data: 'x' }))

it('what this package writes', async () => {
  const shards = new ShardMap([
    { ShardId: 's', HashKeyRange: { StartingHashKey: '0', EndingHashKey: String(2n ** 128n - 1n) } }
  ])
  const sharded = new ShardedAggregator(shards)
  for (const user of users) sharded.push(user)
  for (const { partitionKey, data } of [...aggregate(users), ...sharded.flush()])
    expect(guess(partitionKey, data)).toBe('kinesis-agg')

  const kinesis = new FakeKinesis({ streams: { readings: { shards: 1 } } })
  const puts: { PartitionKey: string; Data: Uint8Array }[] = []
  const client = {
    send: (command: { input: { Records?: typeof puts } }) => {
      puts.push(...(command.input.Records ?? []))
      return kinesis.client.send(command as never)
    }
  }
  const producer = new KinesisProducer({ client: client as never, stream: 'readings' })
  for (const user of users) producer.write(user)
  await producer.close()
  expect(puts).toHaveLength(1)
  expect(guess(puts[0]!.PartitionKey, Buffer.from(puts[0]!.Data))).toBe('kinesis-agg')
})

it('what leaves no trace that is known', () => {
  const { data } = aggregate(users)[0]!
  expect(guess(undefined, data)).toBe('unknown')
  expect(guess('random', data)).toBe('unknown')
  // All of these can be read, but none of the writers writes so.
  for (const name of ['tables after the records', 'unused table entries', 'non-minimal varints']) {
    const { bytes, records } = vector(name)
    expect(guess(records[0]!.partitionKey, bytes)).toBe('unknown')
  }
})
