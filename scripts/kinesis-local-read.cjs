// Loaded into kinesis-local. Since Node.js 26, `read()` of a byte stream returns one buffer at a time; before, all that was
// buffered (nodejs/node#60441). The server (its library fs2, compiled to JavaScript) calls `read()` once for each 'readable', and would wait
// for ever for the rest of a large request.
const { Readable } = require('node:stream')

const { read } = Readable.prototype

/** @this {Readable} @param {number} [size] */
Readable.prototype.read = function (size) {
  const all = this.readableObjectMode || this.readableLength === 0 ? undefined : this.readableLength
  return read.call(this, size ?? all)
}
