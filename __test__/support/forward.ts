/** Events that are forwarded to a Kinesis in memory. */
import { onTestFinished } from 'vitest'
import type { KinesisStreamEvent, KinesisStreamRecord } from 'kinesis-agg'
import { KinesisProducer, type KinesisProducerOptions } from 'kinesis-agg/producer'
import { FakeKinesis, type FakeKinesisOptions } from 'kinesis-agg/testing'
import { aggregated, eventOf, text } from './stream-event'

/** A target stream `out`, of two shards, and a producer to it. */
export function target(
  options: KinesisProducerOptions = {},
  fake: Partial<FakeKinesisOptions> = {}
): { kinesis: FakeKinesis; producer: KinesisProducer; stored: (stream?: string) => string[] } {
  const kinesis = new FakeKinesis({ streams: { out: { shards: 2 } }, ...fake })
  const producer = new KinesisProducer({ client: kinesis.client, stream: 'out', lingerMs: 20, ...options })
  onTestFinished(() => {
    kinesis.reset()
    producer.abort()
  })
  return { kinesis, producer, stored: (stream = 'out') => kinesis.records(stream).map(text) }
}

/** User records 0, 1, 2 and so on, `each` of them in a Kinesis record; their key is their number modulo 50. */
export function countingEvent(
  count: number,
  each: number
): KinesisStreamEvent & { Records: KinesisStreamRecord[] } {
  const records: KinesisStreamRecord[] = []
  for (let first = 0; first < count; first += each) {
    const texts = Array.from({ length: Math.min(each, count - first) }, (_, i) => String(first + i))
    records.push(aggregated(records.length, texts, text => `key-${Number(text) % 50}`))
  }
  return eventOf(...records)
}

/** Whether the numbers of each key ascend, repeats left out. */
export function isInOrder(texts: readonly string[]): boolean {
  const last = new Map<number, number>()
  const seen = new Set<string>()
  return texts.every(each => {
    if (seen.has(each)) return true
    seen.add(each)
    const key = Number(each) % 50
    const before = last.get(key) ?? -1
    last.set(key, Number(each))
    return Number(each) > before
  })
}

/** Refuses records with this data, each by itself, as Kinesis refuses what it does not understand. */
export function refuse(kinesis: FakeKinesis, isRefused: (text: string) => boolean): void {
  const { client } = kinesis
  const send = client.send.bind(client) as (command: object, options: object) => Promise<unknown>
  const refusal = { ErrorCode: 'InvalidArgumentException', ErrorMessage: 'refused' }
  client.send = (async (command: { input: { Records?: { Data: Uint8Array }[] } }, options: object) => {
    const records = command.input.Records
    if (records === undefined) return send(command, options)
    const isBad = records.map(({ Data }) => isRefused(Buffer.from(Data).toString()))
    const good = records.filter((_, i) => !isBad[i])
    const accepted =
      good.length === 0
        ? { Records: [] }
        : ((await send({ ...command, input: { ...command.input, Records: good } }, options)) as {
            Records: object[]
          })
    let next = 0
    return {
      ...accepted,
      FailedRecordCount: records.length - good.length,
      Records: isBad.map(bad => (bad ? refusal : accepted.Records[next++]))
    }
  }) as never
}
