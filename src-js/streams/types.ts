import type { Transform } from 'node:stream'

/**
 * A Transform in object mode that takes `In` and gives `Out`.
 *
 * `for await` over the stream itself gives `any`, since the types of Node.js take for `pipeline` only what iterates over
 * text or Buffers; {@link iterator} is typed.
 */
export interface TypedTransform<In, Out> extends Transform {
  write(chunk: In, callback?: (error: Error | null | undefined) => void): boolean
  write(chunk: In, encoding: BufferEncoding, callback?: (error: Error | null | undefined) => void): boolean
  /** Takes nothing: it makes the stream fit where the types of Node.js ask for a stream of bytes, as `pipe` does. */
  write(chunk: never, callback?: (error?: Error | null) => void): boolean
  write(chunk: never, encoding?: BufferEncoding, callback?: (error?: Error | null) => void): boolean
  iterator(options?: { destroyOnReturn?: boolean }): NodeJS.AsyncIterator<Out>
  toArray(options?: { signal?: AbortSignal }): Promise<Out[]>
}
