// Calls the handler of a bundle as Lambda does, in this thread and in a worker: node run-bundle.mjs FILE DATA
import { pathToFileURL } from 'node:url'
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads'

async function call(file, data) {
  const module = await import(pathToFileURL(file).href)
  const handler = module.handler ?? module.default.handler
  const kinesis = { data, partitionKey: 'p', sequenceNumber: '49' }
  return handler({ Records: [{ kinesis }] })
}

if (isMainThread) {
  const [, , file, data] = process.argv
  const main = await call(file, data)
  const worker = await new Promise((resolve, reject) =>
    new Worker(new URL(import.meta.url), { workerData: { file, data } })
      .on('message', resolve)
      .on('error', reject)
  )
  console.log(JSON.stringify({ main, worker }))
} else {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- of a worker thread
  parentPort.postMessage(await call(workerData.file, workerData.data))
}
