import type { Buffer } from 'node:buffer'
/** The longest record that is read, in bytes of its text: a JSON-ified Buffer of 10 MiB takes some 40. */
export const MAX_BYTES = 64 * 1024 * 1024

/** A record in the input, or what is in its place, or a doubt; `offset` is its first byte. */
export type Found =
  | { offset: number; value: unknown }
  | { offset: number; problem: string }
  | { offset: number; warning: string }

/** Finds records in an input that comes in chunks. */
export interface RecordReader {
  push(chunk: Buffer): Found[]
  end(): Found[]
}
