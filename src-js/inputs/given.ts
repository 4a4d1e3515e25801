import { Buffer } from 'node:buffer'
import { textOf } from './text'

/** The input that `kinesis-agg inspect` writes into the page. */
export type Given = { readonly name: string } & ({ readonly text: string } | { readonly base64: string })

export function toGiven(name: string, bytes: Buffer): Given {
  const text = textOf(bytes)
  return text === undefined ? { name, base64: bytes.toString('base64') } : { name, text }
}

export function givenBytes(given: Given): Buffer {
  return 'text' in given ? Buffer.from(given.text) : Buffer.from(given.base64, 'base64')
}

/** Where the page has it. */
const PLACE = /(?<=<script type="application\/json" id="given">)\s*null\s*(?=<\/script>)/

/** The page with an input in it. Nothing of the input can end the element that it stands in. */
export function writeGiven(page: string, given: Given): string {
  if (!PLACE.test(page)) throw new Error('the page has no place for an input')
  return page.replace(PLACE, () => JSON.stringify(given).replaceAll('<', '\\u003c'))
}
