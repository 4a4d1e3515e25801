/** The file that is published: one file, which asks for nothing. */
import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { givenBytes, toGiven, writeGiven } from '../../src-js/inputs/given'

const file = join(__dirname, '..', '..', 'dist', 'inspector.html')
const page = readFileSync(file, 'utf8')
const between = (start: string, end: string): string =>
  page.slice(page.indexOf(start) + start.length).split(end)[0]!
const script = between('<script type="module">', '</script>')
const style = between('<style>', '</style>')
const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

it('has at most 250 KB', () => {
  expect(statSync(file).size).toBeLessThanOrEqual(250_000)
})

it('its policy allows its own script and style, WebAssembly, and nothing else', () => {
  const policy = between('http-equiv="Content-Security-Policy" content="', '"')
  expect(policy.split('; ')).toEqual([
    "default-src 'none'",
    `script-src ${hashOf(script)} 'wasm-unsafe-eval'`,
    `style-src ${hashOf(style)}`,
    "base-uri 'none'",
    "form-action 'none'"
  ])
})

it('names no other file, and has no script but one', () => {
  const markup = page.replace(script, '').replace(style, '')
  expect(markup).not.toMatch(/\s(?:src|href|srcset|action|style|on\w+)=/i)
  expect(markup.match(/<script/g)).toHaveLength(2)
  expect(style).not.toMatch(/url\(|@import/)
  expect(script).not.toMatch(
    /\bfetch\(|XMLHttpRequest|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|import\(/
  )
})

describe('an input in the page', () => {
  const given = (text: string): unknown =>
    JSON.parse(/<script type="application\/json" id="given">(.*?)<\/script>/s.exec(text)![1]!)

  it.each([
    ['text', Buffer.from('{"Data":"eA=="}')],
    ['markup', Buffer.from('</script><script>alert(1)</script><!--<script>')],
    ['what replace() takes for a pattern', Buffer.from("$& $1 $` $'")],
    ['bytes', Buffer.from([0xff, 0x00, 0x3c])],
    ['nothing', Buffer.alloc(0)]
  ])('%s comes out again, and ends no element', (_, bytes) => {
    const name = '</script>$&.json'
    const written = writeGiven(page, toGiven(name, bytes))
    expect(written.match(/<script/g)).toHaveLength(2)
    expect(written.match(/<\/script/g)).toHaveLength(2)
    const found = given(written) as ReturnType<typeof toGiven>
    expect(found.name).toBe(name)
    expect(givenBytes(found)).toEqual(bytes)
    expect(written.replace(JSON.stringify(found).replaceAll('<', '\\u003c'), 'null')).toBe(
      page.replace(/(id="given">)\s*null\s*(<)/, '$1null$2')
    )
  })

  it('has a place there once', () => {
    const written = writeGiven(page, toGiven('a', Buffer.from('a')))
    expect(() => writeGiven(written, toGiven('b', Buffer.from('b')))).toThrow(
      'the page has no place for an input'
    )
  })
})
