import type { KinesisClient, _Record } from '@aws-sdk/client-kinesis'
import type { Messages } from './messages'
import { rawLine } from './raw-record'
import { printable } from '../inputs/text'

type Fetch = typeof import('../sdk').fetchFailedBatch

/**
 * Reads the records of failed batches again and gives them as lines of JSON, which `decode` takes.
 *
 * @param input a message of an on-failure destination, the output of "aws sqs receive-message", or an event with such
 * messages
 */
export async function* fetchFailed(
  input: AsyncIterable<Buffer>,
  messages: Messages
): AsyncGenerator<Buffer, undefined> {
  const chunks: Buffer[] = []
  for await (const chunk of input) chunks.push(chunk)
  const list = toMessages(JSON.parse(Buffer.concat(chunks).toString()))
  const { fetchFailedBatch, clientFor } = loadSdk()
  for (const [i, message] of list.entries()) {
    const { records, expected, expired, exact } = await fetchFailedBatch(clientFor(message), message)
    const doubt = (text: string): void => {
      messages.problems++
      messages.warn(`message ${i + 1}: ${text}`)
    }
    if (expired) doubt(`records of the batch have expired; ${records.length} of ${expected} records came`)
    else if (!exact)
      doubt(`the batch had ${expected} records and ${records.length} came; some may have been handled`)
    for (const record of records) yield Buffer.from(rawLine(shardOf(message), record as _Record))
  }
}

function toMessages(value: unknown): unknown[] {
  const { Messages, Records } = (value ?? {}) as { Messages?: unknown; Records?: unknown }
  const list = Messages ?? Records ?? value
  return Array.isArray(list) ? list : [list]
}

/** Other commands do without the SDK, which need not be installed. */
function loadSdk(): { fetchFailedBatch: Fetch; clientFor(message: unknown): KinesisClient } {
  try {
    const { fetchFailedBatch } = require('../sdk') as typeof import('../sdk')
    const { KinesisClient } = require('@aws-sdk/client-kinesis') as typeof import('@aws-sdk/client-kinesis')
    return { fetchFailedBatch, clientFor: message => new KinesisClient(regionOf(message)) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error
    throw new Error(
      `fetch-failed needs the package @aws-sdk/client-kinesis beside kinesis-agg: ${printable((error as Error).message)}`,
      { cause: error }
    )
  }
}

/** The message may be text inside others. */
function shardOf(message: unknown): string | undefined {
  return /\bshardId-\d+/.exec(JSON.stringify(message))?.[0]
}

/** The message names the stream by its ARN, whose region need not be that of the environment. */
function regionOf(message: unknown): { region?: string } {
  const [, region] = /\barn:[\w-]+:kinesis:([\w-]+):/.exec(JSON.stringify(message)) ?? []
  return region === undefined ? {} : { region }
}
