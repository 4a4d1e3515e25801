// Writes 1,000 records and does nothing more. `exit`: ends the process at once; `rejects`: puts and looks away;
// `idle`: waits for its put and leaves the producer open.
import { KinesisProducer } from 'kinesis-agg/producer'

const [how = 'end'] = process.argv.slice(2)
const producer = new KinesisProducer({
  stream: 's',
  clientConfig: JSON.parse(process.env.CLIENT),
  permanentErrorGraceMs: 200
})

if (how === 'rejects' || how === 'rejects-unheard') {
  if (how === 'rejects') {
    process.on('unhandledRejection', error => console.log(`${error.code} ${error.context}`))
  }
  for (let i = 0; i < 3; i++) void producer.put({ partitionKey: `key-${i}`, data: `${i}:`, context: i })
} else if (how === 'idle') {
  await producer.put({ partitionKey: 'k', data: '0:' })
  console.log('stored')
} else {
  for (let i = 0; i < 1000; i++) producer.write({ partitionKey: `key-${i % 20}`, data: `${i}:` })
  // oxlint-disable-next-line unicorn/no-process-exit
  if (how === 'exit') process.exit(0)
}
