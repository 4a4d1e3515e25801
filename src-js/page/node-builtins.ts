/** What the page's code uses of `node:util/types` and `node:crypto`, for browsers. */

const tagOf = (value: unknown): string => Object.prototype.toString.call(value)

export function isSharedArrayBuffer(value: unknown): boolean {
  return tagOf(value) === '[object SharedArrayBuffer]'
}

export function isAnyArrayBuffer(value: unknown): boolean {
  return tagOf(value) === '[object ArrayBuffer]' || isSharedArrayBuffer(value)
}

export function isTypedArray(value: unknown): boolean {
  return ArrayBuffer.isView(value) && !(value instanceof DataView)
}

export function randomBytes(count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count))
}
