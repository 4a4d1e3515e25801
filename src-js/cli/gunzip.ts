import { gunzipSync } from 'node:zlib'
import { MAX_BYTES } from '../inputs/found'

/** What gzipped data holds, as CloudWatch Logs puts it; data that is not gzip stays as it is. @throws Error */
export function gunzipped(data: Buffer): Buffer {
  if (data[0] !== 0x1f || data[1] !== 0x8b) return data
  try {
    return gunzipSync(data, { maxOutputLength: MAX_BYTES })
  } catch (error) {
    throw new Error(`the data is gzip that cannot be opened: ${(error as Error).message}`, { cause: error })
  }
}
