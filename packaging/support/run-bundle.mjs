// Calls the handler of a bundle as Lambda does: node run-bundle.mjs FILE DATA
import { pathToFileURL } from 'node:url'

const [, , file, data] = process.argv
const module = await import(pathToFileURL(file).href)
const handler = module.handler ?? module.default.handler
const kinesis = { data, partitionKey: 'p', sequenceNumber: '49' }
console.log(JSON.stringify(await handler({ Records: [{ kinesis }] })))
