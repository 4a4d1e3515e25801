import { Buffer } from 'node:buffer'

/** Bytes that gzip may become; behind that it is cut off. */
export const MAX_OPENED = 4 * 1024 * 1024

/** What gzip held. */
export interface Opened {
  readonly data: Buffer
  /** There is more, which was not opened. */
  readonly isCut: boolean
}

/**
 * Opens gzip, as far as `most` bytes: a small record may hold gigabytes.
 *
 * @throws Error it is damaged
 */
export async function gunzip(data: Uint8Array<ArrayBuffer>, most = MAX_OPENED): Promise<Opened> {
  const stream = new DecompressionStream('gzip')
  const writer = stream.writable.getWriter()
  // Its failure is that of the reader too.
  void writer.write(data).catch(() => {})
  void writer.close().catch(() => {})
  const reader = stream.readable.getReader() as ReadableStreamDefaultReader<Uint8Array>
  const pieces: Uint8Array[] = []
  let bytes = 0
  while (bytes <= most) {
    const { done, value } = await reader.read()
    if (done) return { data: Buffer.concat(pieces), isCut: false }
    pieces.push(value)
    bytes += value.length
  }
  void reader.cancel().catch(() => {})
  return { data: Buffer.concat(pieces).subarray(0, most), isCut: true }
}
