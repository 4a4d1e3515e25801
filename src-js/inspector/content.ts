import type { Buffer } from 'node:buffer'
import { textOf } from '../inputs/text'
import { type JsonNode, readJson } from './json-tree'

/** What data is, told by its bytes alone. */
export type Content =
  | { readonly kind: 'empty' }
  | { readonly kind: 'json'; readonly text: string; readonly root: JsonNode }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'gzip' }
  | { readonly kind: 'bytes' }

export function contentOf(data: Buffer): Content {
  if (data.length === 0) return { kind: 'empty' }
  if (isGzip(data)) return { kind: 'gzip' }
  const text = textOf(data)
  if (text === undefined) return { kind: 'bytes' }
  const root = readJson(text)
  return root === undefined ? { kind: 'text', text } : { kind: 'json', text, root }
}

export function isGzip(data: Uint8Array): boolean {
  return data[0] === 0x1f && data[1] === 0x8b
}
