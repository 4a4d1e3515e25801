// A few aggregates of the KPL's, as vectors for tests. What is expected of them is what was put.
import { writeFileSync } from 'node:fs'
import { Random } from '../../bench/corpus.mjs'
import { deaggregateSync } from 'kinesis-agg'
import { plain } from '../lib/ours.mjs'
import { randomBits } from '../lib/sets.mjs'

const FILE = new URL('../vectors/kpl.json', import.meta.url)

/** Sets of few small records whose aggregates are kept as vectors. */
const VECTORS = {
  'three keys': random => keys(random, ['sensor-1', 'sensor-2', 'sensor-3']),
  'a shared key': random => keys(random, ['a', 'b', 'a', 'a', 'b']),
  'keys that are no ASCII, look like integers, or are names of object members': random =>
    keys(random, ['我愛你', '2', '1', '__proto__', 'clé', '10']),
  'every record with its own hash key': random =>
    keys(random, ['a', 'b', 'a'], () => String(randomBits(random, 128))),
  'hash keys on some records': random =>
    keys(random, ['a', 'b', 'c', 'd'], i => (i % 2 === 0 ? undefined : String(randomBits(random, 128))))
}

const keys = (random, partitionKeys, hashKey = () => undefined) =>
  partitionKeys.map((partitionKey, i) =>
    plain({ partitionKey, explicitHashKey: hashKey(i), data: random.bytes(8) })
  )

/** Writes vectors/kpl.json. */
export async function recordVectors(streams, about) {
  const random = new Random(10)
  const vectors = []
  await streams.create('vectors', 1)
  for (const [name, set] of Object.entries(VECTORS)) {
    const records = set(random)
    await streams.put('vectors', records)
    const read = await streams.readOn('vectors')
    if (read.length !== 1) throw new Error(`${name}: the KPL wrote ${read.length} records instead of one`)
    const [{ record }] = read
    const order = deaggregateSync(record).map(({ data }) =>
      records.find(put => put.data === data.toString('base64'))
    )
    vectors.push({
      name: `KPL: ${name}`,
      source: `${about.package} ${about.version}`,
      record: Buffer.from(record.Data).toString('base64'),
      expect: {
        kind: 'records',
        records: order.map(({ partitionKey, explicitHashKey = null, data }) => ({
          partitionKey,
          explicitHashKey,
          data
        }))
      }
    })
  }
  const format = `aggregated records that ${about.package} ${about.version} wrote`
  writeFileSync(FILE, `${JSON.stringify({ format, vectors }, null, 1)}\n`)
}
