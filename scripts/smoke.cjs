// What the test suite's runner cannot run everywhere, without anything but Node.js' own modules: the vectors through
// the installed package. `smoke.cjs PLATFORM VECTORS`; the platform `wasm` is WebAssembly.
const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const agg = require('kinesis-agg')
const agreed = require('kinesis-agg/lib/common')

const [platform, file] = process.argv.slice(2)
const { vectors } = require(path.resolve(file))
const CODES = { checksum: 'ERR_INVALID_CHECKSUM', malformed: 'ERR_MALFORMED_RECORD' }
const about = { partitionKey: 'pk', sequenceNumber: '49' }
let checks = 0

function check(what, test) {
  try {
    test()
    checks++
  } catch (error) {
    error.message = `${what}: ${error.message}`
    throw error
  }
}

/** Others are read from a record, but are not written. */
const isHashKey = text => text == null || (/^(0|[1-9]\d*)$/.test(text) && BigInt(text) < 1n << 128n)

const seen = records =>
  records.map(({ partitionKey, explicitHashKey, data }) => ({
    partitionKey,
    explicitHashKey: explicitHashKey ?? null,
    data: data.toString('base64')
  }))

/** Inputs as Lambda has them, and as the SDK has them. */
const forms = record => [
  { kinesis: { ...about, data: record } },
  {
    PartitionKey: about.partitionKey,
    SequenceNumber: about.sequenceNumber,
    Data: Buffer.from(record, 'base64')
  }
]

for (const { name, record, expect } of vectors) {
  for (const input of forms(record)) {
    check(name, () => {
      if (expect.kind in CODES) assert.throws(() => agg.deaggregateSync(input), { code: CODES[expect.kind] })
      else {
        const plain = [{ partitionKey: about.partitionKey, explicitHashKey: null, data: record }]
        const wanted = expect.kind === 'records' ? expect.records : plain
        assert.deepEqual(seen(agg.deaggregateSync(input)).map(data), wanted.map(data))
      }
    })
  }
  if (
    expect.kind === 'records' &&
    expect.records.length > 0 &&
    expect.records.every(one => one.partitionKey !== '' && isHashKey(one.explicitHashKey))
  ) {
    check(`${name}, packed again`, () => {
      const records = agg.deaggregateSync(forms(record)[0])
      const encoded = agg.aggregate(records, { maxSize: 10 * 1024 * 1024 })
      const back = agg.deaggregateSync(
        encoded.map(one => ({ Data: one.data, PartitionKey: one.partitionKey }))
      )
      assert.deepEqual(seen(back), seen(records))
    })
  }
}

/** base64 of the same bytes may be written in several ways. */
function data(one) {
  return { ...one, data: Buffer.from(one.data, 'base64').toString('hex') }
}

check('drop-in form', () => {
  const { record } = vectors.find(({ expect }) => expect.kind === 'records')
  let called = 0
  agg.deaggregateSync(forms(record)[0].kinesis, true, (error, records) => {
    assert.equal(error ?? undefined, undefined)
    assert.ok(records.length > 0)
    called++
  })
  assert.equal(called, 1)
})

check('hash key', () => assert.equal(agg.hashKeyOf('pk'), BigInt(`0x${md5('pk')}`)))
check('lib/common', () => assert.equal(agreed.magicNumber, 'f3899ac2'))

function md5(text) {
  return require('node:crypto').createHash('md5').update(text).digest('hex')
}

check('codec', () => assert.equal(agg.codec, platform === 'wasm' ? 'wasm' : 'native'))
// Which binary it was: on Linux a process sees what it maps. Elsewhere only one can load.
if (process.platform === 'linux') {
  check('binary', () => {
    const loaded = fs.readFileSync('/proc/self/maps', 'utf8').match(/kinesis-agg\.[\w-]+\.node/g)
    assert.deepEqual([...new Set(loaded)], platform === 'wasm' ? [] : [`kinesis-agg.${platform}.node`])
  })
}

import('kinesis-agg').then(module => {
  check('ES module', () => assert.equal(module.aggregate, agg.aggregate))
  const { versions, arch } = process
  const runtime = versions.bun
    ? `Bun ${versions.bun}`
    : versions.deno
      ? `Deno ${versions.deno}`
      : `Node.js ${versions.node}`
  console.log(`${runtime} ${arch}: ${checks} checks of ${path.basename(file)} passed`)
})
