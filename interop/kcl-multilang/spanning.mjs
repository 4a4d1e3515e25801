// An aggregate of several shards, by KCL's default settings and with its check of shards turned off.
import { setTimeout as sleep } from 'node:timers/promises'
import { PutRecordCommand } from '@aws-sdk/client-kinesis'
import { aggregate, deaggregateSync, hashKeyOf } from 'kinesis-agg'
import { Check } from '../lib/check.mjs'
import { Daemon } from './daemon.mjs'
import { StreamReader, createStream, listShards } from './streams.mjs'

const ARRIVE_MS = 60_000
const KEYS = Array.from({ length: 20 }, (_, i) => `key-${i}`)
const DROPPED = 'KCL drops an aggregate whole that has a record of another shard in it'
const UNCHECKED = { skipShardSyncAtWorkerInitializationIfLeasesExist: 'true' }

export async function checkedSpanning(services) {
  const check = new Check('reads an aggregate of two shards')
  const texts = await arrived(services, 'spanning', {})
  check.compare(texts, ['end'], { records: KEYS.length + 1, because: DROPPED })
  return check.result({ lost: KEYS.length + 1 - texts.length })
}

export async function uncheckedSpanning(services) {
  const check = new Check('reads the same with skipShardSyncAtWorkerInitializationIfLeasesExist')
  const texts = await arrived(services, 'unchecked', UNCHECKED)
  check.compare(texts, [...KEYS, 'end'], { records: KEYS.length + 1 })
  return check.result({ lost: KEYS.length + 1 - texts.length })
}

/** @returns what a KCL application hands on of an aggregate of two shards, and of a record behind it */
async function arrived({ client, tables, kinesis, folder, jars }, name, settings) {
  if (new Set(KEYS.map(key => hashKeyOf(key) >> 127n)).size !== 2)
    throw new Error('the keys are of one shard')
  const [source, target] = [`${name}-source`, `${name}-target`]
  await createStream(client, source, 2)
  await createStream(client, target, 1)
  await tables.create(name, await listShards(client, source))
  const [{ partitionKey, data }] = aggregate(KEYS.map(key => ({ partitionKey: key, data: key })))
  for (const Data of [data, Buffer.from('end')]) {
    await client.send(new PutRecordCommand({ StreamName: source, PartitionKey: partitionKey, Data }))
  }
  const daemon = new Daemon({
    jars,
    folder,
    name,
    settings: {
      streamName: source,
      applicationName: name,
      kinesisEndpoint: kinesis.endpoint,
      dynamoDBEndpoint: tables.endpoint,
      ...settings
    },
    env: { TARGET_STREAM: target, AWS_ENDPOINT_URL_KINESIS: kinesis.endpoint }
  })
  try {
    const reader = new StreamReader(client, target)
    const texts = []
    const deadline = Date.now() + ARRIVE_MS
    while (!texts.includes('end')) {
      if (Date.now() > deadline || daemon.hasEnded)
        throw new Error(`${name}: nothing\n${daemon.log.slice(-3000)}`)
      for (const { record } of await reader.readOn()) {
        texts.push(...deaggregateSync(record).map(userRecord => userRecord.data.toString()))
      }
      await sleep(100)
    }
    // Puts are in the order of each key, not of all.
    return [
      ...texts.filter(text => text !== 'end').toSorted(byNumber),
      ...texts.filter(text => text === 'end')
    ]
  } finally {
    await daemon.terminate()
  }
}

const byNumber = (a, b) => Number(a.slice(4)) - Number(b.slice(4))
