// Aggregated records of two user records that a reader should not take for good.
import crypto from 'node:crypto'
import { encode } from '../corpus.mjs'

const record = bytes => ({
  partitionKey: 'a',
  sequenceNumber: '49590338271490256608559692538361571095921575989136100000',
  data: bytes.toString('base64')
})

/** With the digest of what is in it now. */
function sealed(bytes) {
  const digest = crypto.createHash('md5').update(bytes.subarray(4, -16)).digest()
  return Buffer.concat([bytes.subarray(0, -16), digest])
}

export function broken() {
  const bytes = encode([
    { partitionKey: 'a', data: Buffer.from('first') },
    { partitionKey: 'b', data: Buffer.from('second') }
  ])
  const digest = Buffer.from(bytes)
  digest[digest.length - 1] ^= 1
  // The key index of the second record: tag 0x08, index 1, tag of the data 0x1a.
  const index = Buffer.from(bytes)
  index[index.indexOf(Buffer.from([0x08, 1, 0x1a])) + 1] = 9
  return { 'wrong MD5': record(digest), 'index outside its table': record(sealed(index)) }
}
