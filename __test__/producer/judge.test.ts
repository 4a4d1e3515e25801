/** The judge must see each broken promise; a judge that cannot is worth nothing. */
import { aggregate } from 'kinesis-agg'
import type { KinesisProducer, PutResult } from 'kinesis-agg/producer'
import { describe, expect, it } from 'vitest'
import { MemoryStream } from '../../src-js/testing/memory-stream'
import { judge, storedIn } from './support/judge'
import { Ledger } from './support/ledger'

/** Says of each record what the test tells it to say. */
class Pretender {
  readonly stream = new MemoryStream('s', 2)
  readonly ledger = new Ledger()

  /** Stores records, as an aggregate if there are several, perhaps in a shard that is not theirs. */
  store(
    records: { id: number; key: string; hashKey?: string }[],
    shardNumber?: number
  ): Partial<PutResult>[] {
    const users = records.map(({ id, key, hashKey }) => ({
      partitionKey: key,
      data: `${id}:`,
      ...(hashKey !== undefined && { explicitHashKey: hashKey })
    }))
    const [encoded] = aggregate(users)
    const entry =
      users.length === 1
        ? { Data: Buffer.from(users[0]!.data), PartitionKey: users[0]!.partitionKey }
        : { Data: encoded!.data, PartitionKey: 'a', ExplicitHashKey: encoded!.explicitHashKey ?? '0' }
    const shard = shardNumber === undefined ? this.stream.shardFor(entry) : this.stream.shards[shardNumber]!
    const { sequenceNumber } = this.stream.put(entry, shard)
    return records.map((_, i) => ({
      stream: 's',
      shardId: shard.id,
      sequenceNumber,
      attempts: 1,
      maybeDuplicated: false,
      ...(records.length > 1 && { subSequenceNumber: i })
    }))
  }

  async says(key: string, outcome: Partial<PutResult> | Error, hashKey?: string): Promise<void> {
    const producer = {
      put: () => (outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome))
    }
    await this.ledger.put(
      producer as unknown as KinesisProducer,
      key,
      hashKey === undefined ? {} : { explicitHashKey: hashKey }
    )
  }

  verdict(options?: Parameters<typeof judge>[2]): string[] {
    return judge(this.ledger, storedIn(this.stream), options).violations
  }
}

const failure = (maybeStored: boolean): Error =>
  Object.assign(new Error('failed'), { code: 'ERR_RECORD_EXPIRED', maybeStored })
const LOW = '0'
const HIGH = String((1n << 128n) - 1n)

describe('the judge sees', () => {
  it('nothing wrong where nothing is wrong', async () => {
    const it = new Pretender()
    const results = it.store([0, 1].map(id => ({ id, key: 'k', hashKey: LOW })))
    await it.says('k', results[0]!, LOW)
    await it.says('k', results[1]!, LOW)
    await it.says('k', failure(false))
    expect(it.verdict()).toEqual([])
  })

  it('a fulfilled record that is not stored', async () => {
    const it = new Pretender()
    await it.says('k', { shardId: 'shardId-000000000000', sequenceNumber: '1' })
    expect(it.verdict()).toEqual([
      'record 0 (k): fulfilled, but not stored',
      expect.stringContaining('not at the place')
    ])
  })

  it('an aggregate that KCL drops whole, for one record outside of the shard', async () => {
    const it = new Pretender()
    const results = it.store([
      { id: 0, key: 'a', hashKey: LOW },
      { id: 1, key: 'b', hashKey: HIGH }
    ])
    await it.says('a', results[0]!, LOW)
    await it.says('b', results[1]!, HIGH)
    expect(it.verdict()).toEqual([0, 1].map(id => expect.stringContaining(`record ${id}`)))
    expect(it.verdict({ kclReaders: false })).toEqual([])
  })

  it('a repeat without maybeDuplicated', async () => {
    const it = new Pretender()
    const [result] = it.store([{ id: 0, key: 'k' }])
    it.store([{ id: 0, key: 'k' }])
    await it.says('k', result!)
    expect(it.verdict()).toEqual(['record 0 (k): stored 2 times without maybeDuplicated'])
    const honest = new Pretender()
    const [first] = honest.store([{ id: 0, key: 'k' }])
    honest.store([{ id: 0, key: 'k' }])
    await honest.says('k', { ...first, maybeDuplicated: true })
    expect(honest.verdict()).toEqual([])
  })

  it('a rejected record that is stored without maybeStored', async () => {
    const it = new Pretender()
    it.store([{ id: 0, key: 'k' }])
    await it.says('k', failure(false))
    expect(it.verdict()).toEqual([expect.stringContaining('without maybeStored, but stored')])
    const honest = new Pretender()
    honest.store([{ id: 0, key: 'k' }])
    await honest.says('k', failure(true))
    expect(honest.verdict()).toEqual([])
  })

  it("a result that names another record's place", async () => {
    const it = new Pretender()
    const results = it.store([0, 1].map(id => ({ id, key: 'k', hashKey: LOW })))
    await it.says('k', results[1]!, LOW)
    await it.says('k', results[0]!, LOW)
    expect(it.verdict()).toEqual([0, 1].map(id => expect.stringContaining(`record ${id}: not at the place`)))
  })

  it('records of a key in another order, and a repeat of a part', async () => {
    const put = async (order: number[]): Promise<string[]> => {
      const it = new Pretender()
      const results = new Map<number, Partial<PutResult>>()
      for (const id of order) results.set(id, { ...it.store([{ id, key: 'k' }])[0]!, maybeDuplicated: true })
      for (const id of [...results.keys()].toSorted((a, b) => a - b)) await it.says('k', results.get(id)!)
      return it.verdict()
    }
    expect(await put([0, 1, 2])).toEqual([])
    expect(await put([0, 1, 0, 1, 2])).toEqual([])
    expect(await put([0, 2, 1])).toContainEqual(expect.stringContaining('first seen after 2'))
    expect(await put([0, 1, 0, 2])).toEqual([expect.stringContaining('without its predecessor')])
  })

  it('a record that was told of twice, or never', async () => {
    const it = new Pretender()
    const [result] = it.store([{ id: 0, key: 'k' }])
    await it.says('k', result!)
    it.ledger.entries[0]!.told = 2
    expect(it.verdict()).toEqual(['record 0 (k): settled 2 times'])
    it.ledger.write({ write: () => true } as unknown as KinesisProducer, 'never')
    expect(it.verdict()).toContainEqual('record 1 (never): settled 0 times')
  })
})
