import { setTimeout as sleep } from 'node:timers/promises'
import {
  GetRecordsCommand,
  type GetRecordsCommandOutput,
  GetShardIteratorCommand,
  type GetShardIteratorCommandOutput
} from '@aws-sdk/client-kinesis'
import { invalidArgument } from '../errors'
import type { KinesisClientLike } from '../shards/fetch-shard-map'
import type { SdkRecord } from '../types'
import type { KinesisBatchInfo } from './types'

/** Kinesis allows five GetRecords calls a second and shard, and the event source mapping makes some of them. */
const PAUSE_MS = 250

/** Queues and topics wrap the message; one more layer than SNS inside SQS needs. */
const MAX_LAYERS = 5

/** The records of a failed batch, read again. */
export interface FailedBatch {
  /** In order; for {@link deaggregateSync} as they are. */
  records: SdkRecord[]
  /** How many records the batch had. */
  expected: number
  /** Records of the batch are no longer in the stream. */
  expired: boolean
  /**
   * There are as many records as the batch had. If not, records that were handled may be among them: a
   * ParallelizationFactor over 1 and filters leave out records in between.
   */
  exact: boolean
}

/**
 * Reads the records of a failed batch again, which an on-failure destination (SQS or SNS) names only.
 *
 * @param client the caller's `KinesisClient` or `Kinesis` of the AWS SDK v3; needs the permissions
 * `kinesis:GetShardIterator` and `kinesis:GetRecords`
 * @param message what came: JSON text or an object with `KinesisBatchInfo`, an SQS record, an SNS record, or an SQS
 * record with an SNS message in it
 * @throws TypeError `ERR_INVALID_ARG_TYPE`: `message` has no `KinesisBatchInfo`
 * @throws what the client throws
 * @example
 * exports.handler = async event => {
 *   for (const message of event.Records) {
 *     const { records, exact } = await fetchFailedBatch(client, message)
 *     if (!exact) console.warn('There may be records among these that were handled')
 *     for (const record of deaggregateSync(records)) await repair(record)
 *   }
 * }
 */
export async function fetchFailedBatch(client: KinesisClientLike, message: unknown): Promise<FailedBatch> {
  const sender = toSender(client)
  const { streamArn, shardId, startSequenceNumber, endSequenceNumber, batchSize } = readBatchInfo(message)
  const start = BigInt(startSequenceNumber)
  // A consumer with enhanced fan-out has an ARN that begins with the stream's.
  const StreamARN = streamArn.replace(/\/consumer\/.*$/s, '')
  const { ShardIterator } = await sender.send(
    new GetShardIteratorCommand({
      StreamARN,
      ShardId: shardId,
      ShardIteratorType: 'AT_SEQUENCE_NUMBER',
      StartingSequenceNumber: startSequenceNumber
    })
  )
  const records = await readUntil(sender, StreamARN, ShardIterator, BigInt(endSequenceNumber))
  const [first] = records
  return {
    records,
    expected: batchSize,
    // Kinesis begins with the oldest record that it has.
    expired: first === undefined || BigInt(first.SequenceNumber!) > start,
    exact: records.length === batchSize
  }
}

interface Sender {
  send(command: GetShardIteratorCommand): Promise<GetShardIteratorCommandOutput>
  send(command: GetRecordsCommand): Promise<GetRecordsCommandOutput>
}

function toSender(client: unknown): Sender {
  if (typeof (client as Partial<Sender> | undefined)?.send === 'function') return client as Sender
  throw invalidArgument('client', 'a KinesisClient of the AWS SDK v3', client)
}

/** The records up to the sequence number `end`. */
async function readUntil(
  sender: Sender,
  StreamARN: string,
  iterator: string | undefined,
  end: bigint
): Promise<SdkRecord[]> {
  const records: SdkRecord[] = []
  let ShardIterator = iterator
  while (ShardIterator !== undefined) {
    const page = await sender.send(new GetRecordsCommand({ StreamARN, ShardIterator }))
    const found = page.Records ?? []
    for (const record of found) {
      if (BigInt(record.SequenceNumber!) > end) return records
      records.push(record as SdkRecord)
    }
    const last = found.at(-1)
    if (last !== undefined && BigInt(last.SequenceNumber!) === end) return records
    // Pages may be empty long before the end of the shard; nothing is behind the tip of it.
    if (found.length === 0 && page.MillisBehindLatest === 0) return records
    // Of a shard that was closed the last page has null here, whatever the types say.
    ShardIterator = page.NextShardIterator ?? undefined
    if (ShardIterator !== undefined) await sleep(PAUSE_MS)
  }
  return records
}

/** @throws TypeError `ERR_INVALID_ARG_TYPE` */
function readBatchInfo(message: unknown): KinesisBatchInfo {
  let layer = message
  for (let i = 0; i < MAX_LAYERS; i++) {
    if (typeof layer === 'string') layer = parse(layer)
    if (typeof layer !== 'object' || layer === null) break
    const { KinesisBatchInfo: info, body, Body, Sns, Message } = layer as Record<string, unknown>
    if (info !== undefined) return checkBatchInfo(info)
    layer = body ?? Body ?? Sns ?? Message
  }
  throw invalidArgument(
    'message',
    'a message of an on-failure destination, which has KinesisBatchInfo',
    message
  )
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function checkBatchInfo(info: unknown): KinesisBatchInfo {
  if (typeof info !== 'object' || info === null) throw invalidArgument('KinesisBatchInfo', 'an object', info)
  const parts = info as Record<keyof KinesisBatchInfo, unknown>
  for (const name of ['streamArn', 'shardId'] as const) {
    const part = parts[name]
    if (typeof part !== 'string' || part === '')
      throw invalidArgument(`KinesisBatchInfo.${name}`, 'text', part)
  }
  for (const name of ['startSequenceNumber', 'endSequenceNumber'] as const) {
    const part = parts[name]
    if (typeof part !== 'string' || !/^\d+$/.test(part)) {
      throw invalidArgument(`KinesisBatchInfo.${name}`, 'decimal digits', part)
    }
  }
  if (typeof parts.batchSize !== 'number') {
    throw invalidArgument('KinesisBatchInfo.batchSize', 'a number', parts.batchSize)
  }
  return info as KinesisBatchInfo
}
