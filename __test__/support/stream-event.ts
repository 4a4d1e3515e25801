/** Events of a Kinesis stream. */
import { type KinesisStreamEvent, type KinesisStreamRecord, aggregate } from 'kinesis-agg'

export const STREAM = 'arn:aws:kinesis:eu-central-1:123456789012:stream/readings'

/** A record with this data (base64), whose sequence number is 1000 and more. */
export function streamRecord(
  position: number,
  data: string,
  partitionKey = `key-${position}`
): KinesisStreamRecord {
  const sequenceNumber = String(1000 + position)
  return {
    eventID: `shardId-000000000000:${sequenceNumber}`,
    eventSource: 'aws:kinesis',
    eventSourceARN: STREAM,
    kinesis: { data, partitionKey, sequenceNumber }
  }
}

export const plain = (position: number, text: string, partitionKey?: string): KinesisStreamRecord =>
  streamRecord(position, Buffer.from(text).toString('base64'), partitionKey)

/** An aggregated record of user records with these texts, and keys of their own unless one, or a rule, is given. */
export function aggregated(
  position: number,
  texts: string[],
  partitionKey: string | ((text: string) => string) = text => `key-${text}`
): KinesisStreamRecord {
  const keyOf = typeof partitionKey === 'string' ? () => partitionKey : partitionKey
  const [encoded] = aggregate(texts.map(data => ({ partitionKey: keyOf(data), data })))
  return streamRecord(position, encoded!.data.toString('base64'), encoded!.partitionKey)
}

export const eventOf = (
  ...Records: KinesisStreamRecord[]
): KinesisStreamEvent & { Records: KinesisStreamRecord[] } => ({
  Records
})

/** The aggregated record with a bit that is wrong. */
export function damaged(record: KinesisStreamRecord): KinesisStreamRecord {
  const bytes = Buffer.from(record.kinesis.data as string, 'base64')
  bytes[bytes.length - 1]! ^= 1
  return { ...record, kinesis: { ...record.kinesis, data: bytes.toString('base64') } }
}

export const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i))

export const text = ({ data }: { data: Buffer }): string => data.toString()

export const failedAt = (...identifiers: (number | string)[]): object => ({
  batchItemFailures: identifiers.map(identifier => ({
    itemIdentifier: typeof identifier === 'number' ? String(1000 + identifier) : identifier
  }))
})

export const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise(resolve => setImmediate(resolve))
}

export const refused = new Error('refused')

/** A handler that keeps what it handled and fails at some texts. */
export function recorder(...bad: string[]): {
  handled: string[]
  handle: (record: { data: Buffer }) => void
} {
  const handled: string[] = []
  return {
    handled,
    handle: record => {
      if (bad.includes(text(record))) throw refused
      handled.push(text(record))
    }
  }
}
