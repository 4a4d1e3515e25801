// Checkpoints inside an aggregate, by the three ways that the daemon's protocol has.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { PutRecordCommand } from '@aws-sdk/client-kinesis'
import { aggregate } from 'kinesis-agg'
import { Check } from '../lib/check.mjs'
import { Daemon } from './daemon.mjs'
import { createStream, listShards } from './streams.mjs'

const PROCESSOR = fileURLToPath(new URL('inside-processor.mjs', import.meta.url))
const LIFE_MS = 60_000
const RECORDS = 20
/** Of which record a checkpoint is made. */
const AT = 7

const numbers = (from, to) => Array.from({ length: to - from }, (_, i) => from + i)

/** What the second process is given, after the first one has read 0 to {@link AT}. */
const SECOND = {
  'both numbers': numbers(AT + 1, RECORDS),
  // The sub-sequence number is 0 then.
  'sequence number': numbers(1, RECORDS),
  // Behind all that was handed over, whatever the process did with it.
  'no number': []
}
const REASONS = {
  'sequence number':
    'a process that ends after checkpoint(sequenceNumber) is handed the aggregate again, from its second user record on',
  'no number':
    'a process that ends after checkpoint() is handed nothing more of its batch, even if it processed only a part'
}

export async function insideAggregate(services) {
  const check = new Check('starts again behind a checkpoint inside an aggregate')
  for (const [mode, second] of Object.entries(SECOND)) {
    const lives = await twoLives(services, mode)
    check.compare(
      lives,
      [numbers(0, AT + 1), second].map(life => life.map(String)),
      { records: RECORDS, ...(mode in REASONS && { because: REASONS[mode] }) }
    )
  }
  return check.result()
}

/** @returns what two processes, one after the other, were given of one aggregate and a record behind it */
async function twoLives({ client, tables, kinesis, folder, jars }, mode) {
  const name = `inside-${mode.replace(' ', '-')}`
  await createStream(client, name, 1)
  const put = records =>
    Promise.all(
      aggregate(records).map(({ partitionKey, data }) =>
        client.send(new PutRecordCommand({ StreamName: name, PartitionKey: partitionKey, Data: data }))
      )
    )
  await put(numbers(0, RECORDS).map(i => ({ partitionKey: `k${i % 3}`, data: String(i) })))
  await tables.create(name, await listShards(client, name))
  const notes = join(folder, `${name}.jsonl`)
  const read = () =>
    existsSync(notes)
      ? readFileSync(notes, 'utf8')
          .split('\n')
          .filter(Boolean)
          .map(line => JSON.parse(line))
      : []
  const daemon = () =>
    new Daemon({
      jars,
      folder,
      name,
      settings: {
        executableName: `node ${PROCESSOR}`,
        streamName: name,
        applicationName: name,
        kinesisEndpoint: kinesis.endpoint,
        dynamoDBEndpoint: tables.endpoint
      },
      env: { MODE: mode, OUT: notes }
    })
  // A daemon ends when one of its processes does.
  const first = daemon()
  const code = await within(first, () => first.hasEnded)
  const checkpoint = read().find(line => 'checkpoint' in line)
  if (code === 0 || checkpoint?.checkpoint !== null)
    throw failed(first, `no checkpoint: ${JSON.stringify(checkpoint)}`)
  await put([{ partitionKey: 'k', data: 'end' }])
  const second = daemon()
  await within(second, () => read().some(({ id }) => id === 'end'))
  await second.terminate()
  const begins = read().findLastIndex(line => 'begins' in line)
  return [read().slice(0, begins), read().slice(begins)].map(life =>
    life.map(({ id }) => id).filter(id => id !== undefined && id !== 'end')
  )
}

async function within(daemon, isTrue) {
  const deadline = Date.now() + LIFE_MS
  while (!isTrue()) {
    if (Date.now() > deadline || daemon.hasEnded) {
      await daemon.kill()
      throw failed(daemon, 'the record processor is not where it has to be')
    }
    await sleep(100)
  }
  return daemon.hasEnded ? daemon.ended() : undefined
}

const failed = (daemon, what) => new Error(`${what}\n${daemon.log.slice(-3000)}`)
