// Runs the codec in a worker thread on records of its own and tells what came back.
const { parentPort, workerData } = require('node:worker_threads')
const { RecordAggregator, aggregate, deaggregateSync } = require(workerData.root)

const { id, rounds } = workerData
for (let round = 0; round < rounds; round++) {
  const records = Array.from({ length: 300 }, (_, i) => ({
    partitionKey: `worker ${id} key ${i % 17}`,
    data: `${id}.${round}.${i} `.repeat(1 + ((i * 7) % 40))
  }))
  const encoded = aggregate(records, { maxSize: 9000 })
  const aggregator = new RecordAggregator({ maxSize: 9000 })
  const pushed = [...records.map(record => aggregator.push(record)), aggregator.flush()].filter(Boolean)
  const back = deaggregateSync(encoded.map(({ data }) => ({ data: data.toString('base64') })))
  const legacy = []
  for (const { data } of pushed) deaggregateSync({ data }, true, (_, list) => legacy.push(...list))
  for (const [i, { partitionKey, data }] of records.entries()) {
    const same =
      back[i].partitionKey === partitionKey &&
      back[i].data.toString() === data &&
      legacy[i].partitionKey === partitionKey &&
      Buffer.from(legacy[i].data, 'base64').toString() === data
    if (!same) throw new Error(`worker ${id}: record ${i} of round ${round} is another`)
  }
}
// A port, not a window.
// oxlint-disable-next-line unicorn/require-post-message-target-origin
parentPort.postMessage(rounds * 300)
