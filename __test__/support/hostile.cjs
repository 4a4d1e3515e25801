// Prints by how much decoding the record in the file of the second argument raises the memory of the process, in
// MiB, at its highest. The first argument is the package's folder, the third the form.
const { readFileSync } = require('node:fs')
const { deaggregateSync } = require(process.argv[2])

const data = readFileSync(process.argv[3])
const record = { data: process.argv[4] === 'text' ? data.toString('base64') : data, sequenceNumber: '1' }
deaggregateSync({ data: 'eA==' })
const before = process.memoryUsage.rss()
let kept
if (process.argv[4] === 'callback') deaggregateSync(record, true, (_, records) => (kept = records))
else kept = deaggregateSync(record)
// Of Linux in KiB, as Node.js makes it everywhere.
const most = process.resourceUsage().maxRSS * 1024
console.log(JSON.stringify({ count: kept.length, mib: Math.max(0, most - before) / 2 ** 20 }))
