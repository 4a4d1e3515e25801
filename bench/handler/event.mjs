/** An event as large as Lambda allows: what devices send as JSON, aggregated as the KPL does, up to 51,200 bytes each. */
import { Random, encode, lambdaRecord, payload } from '../corpus.mjs'

const EVENT_BYTES = 6 * 1024 * 1024
const AGGREGATE_BYTES = 51_200
/** Protobuf around the data of a user record with a key index of two bytes. */
const AROUND = 9
const DEVICES = 500

/** @param {Random} random @param {string[]} devices @param {number} number */
function reading(random, devices, number) {
  const device = devices[random.next() % devices.length]
  const amount = random.next() % 10_000
  const json = JSON.stringify({
    id: random.uuid(),
    device,
    time: new Date(1_700_000_000_000 + number * 37).toISOString(),
    type: 'reading',
    amount,
    unit: 'Wh',
    tags: { site: `site-${amount % 40}`, firmware: '4.11.2' },
    samples: Array.from({ length: 6 }, () => random.next() % 1000)
  })
  return { amount, input: { partitionKey: device, data: Buffer.from(json) } }
}

/** The event as text, as the runtime gets it, and what a handler has to make of it. */
export function lambdaEvent() {
  const random = new Random(6)
  const devices = Array.from({ length: DEVICES }, () => random.uuid())
  const records = []
  let [bytes, count, total] = [0, 0, 0]
  for (;;) {
    const inputs = []
    const keys = new Set()
    let amounts = 0
    for (let size = 20; ;) {
      const { amount, input } = reading(random, devices, count + inputs.length)
      size += input.data.length + AROUND + (keys.has(input.partitionKey) ? 0 : input.partitionKey.length + 2)
      if (size > AGGREGATE_BYTES) break
      keys.add(input.partitionKey)
      inputs.push(input)
      amounts += amount
    }
    const record = lambdaRecord(payload(encode(inputs), inputs[0].partitionKey, records.length))
    bytes += JSON.stringify(record).length + 1
    if (bytes > EVENT_BYTES) break
    records.push(record)
    count += inputs.length
    total += amounts
  }
  const text = JSON.stringify({ Records: records })
  return { text, answer: { batchItemFailures: [], records: count, total } }
}
