import { Buffer } from 'node:buffer'
import { isAnyArrayBuffer, isSharedArrayBuffer, isTypedArray } from 'node:util/types'

/** Methods that every Buffer has and @types/node does not know. They skip the look-up of an encoding. */
declare global {
  interface Buffer {
    base64Slice(start: number, end: number): string
    base64Write(text: string, offset: number, length?: number): number
    latin1Slice(start: number, end: number): string
    latin1Write(text: string, offset: number, length?: number): number
    utf8Slice(start: number, end: number): string
    utf8Write(text: string, offset: number, length?: number): number
  }
}

/** The first thing that it does is to throw for an array whose memory is gone. */
const checkMemory = (Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array).values

/**
 * A Buffer over the same memory; `undefined` for what is neither a view nor an ArrayBuffer, as a proxy of one is
 * not, and for memory that was transferred away or shrunk below the view, which would pass for empty.
 */
export function viewOf(data: unknown): Buffer | undefined {
  const isView = ArrayBuffer.isView(data)
  if (isView && Buffer.isBuffer(data) && data.length > 0) return data
  if (!isView && !isAnyArrayBuffer(data)) return undefined
  try {
    // A DataView throws by itself where its length is asked for.
    if (isView && data.byteLength === 0 && isTypedArray(data)) checkMemory.call(data as Uint8Array)
    return isView
      ? Buffer.from(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength)
      : Buffer.from(data as ArrayBuffer)
  } catch {
    return undefined
  }
}

/**
 * Bytes that stay as they are while native code reads them: memory that other threads share is copied.
 */
export function copyIfShared(bytes: Buffer): Buffer {
  return isSharedArrayBuffer(bytes.buffer) ? copyOf(bytes, bytes.length) : bytes
}

/** The first `length` bytes in memory of their own, not in Node's pool. */
export function copyOf(bytes: Uint8Array, length: number): Buffer {
  const copy = Buffer.allocUnsafeSlow(length)
  copy.set(bytes.length === length ? bytes : bytes.subarray(0, length))
  return copy
}

/** Bytes of a text as UTF-8, or of what has bytes. */
export function bytesOf(data: string | Buffer): number {
  return typeof data === 'string' ? Buffer.byteLength(data) : data.length
}

/** Shorter data is copied faster by a loop than by a call. */
const SHORT = 32

/** Writes data whose bytes are known. */
export function writeData(target: Buffer, data: string | Buffer, bytes: number, at: number): void {
  if (typeof data === 'string') writeText(target, data, bytes, at)
  else if (bytes >= SHORT) target.set(data, at)
  else for (let i = 0; i < bytes; i++) target[at + i] = data[i]!
}

/** Writes a text whose bytes as UTF-8 are known. */
export function writeText(target: Buffer, text: string, bytes: number, at: number): void {
  if (text.length === bytes) target.latin1Write(text, at)
  else target.utf8Write(text, at)
}
