import { isAnyArrayBuffer, isSharedArrayBuffer } from 'node:util/types'

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

/**
 * A Buffer over the same memory; `undefined` for what is neither a view nor an ArrayBuffer, as a proxy of one is
 * not, and for memory that was transferred away.
 */
export function viewOf(data: unknown): Buffer | undefined {
  if (ArrayBuffer.isView(data)) {
    if (Buffer.isBuffer(data)) return data
    return overMemory(data.buffer, data.byteOffset, data.byteLength)
  }
  return isAnyArrayBuffer(data) ? overMemory(data) : undefined
}

function overMemory(memory: ArrayBufferLike, offset?: number, length?: number): Buffer | undefined {
  try {
    return Buffer.from(memory as ArrayBuffer, offset, length)
  } catch {
    return undefined
  }
}

/**
 * Bytes that stay as they are while native code reads them: memory that other threads share is copied.
 */
export function steady(bytes: Buffer): Buffer {
  return isSharedArrayBuffer(bytes.buffer) ? copyOf(bytes, bytes.length) : bytes
}

/** The first `length` bytes in memory of their own, not in Node's pool. */
export function copyOf(bytes: Uint8Array, length: number): Buffer {
  const copy = Buffer.allocUnsafeSlow(length)
  copy.set(bytes.length === length ? bytes : bytes.subarray(0, length))
  return copy
}
