/**
 * The value of a member of a JSON object as it is written there, without the white space outside of strings: a number keeps
 * its digits, and a string its escapes.
 *
 * @param json what `JSON.parse` takes for an object
 * @returns the last such member, as `JSON.parse` has it; `undefined` if there is none
 */
export function memberText(json: string, name: string): string | undefined {
  let depth = 0
  let isKey = true
  /** Tokens of the member, and whether the present one is it. */
  let found: string[] | undefined
  let isFound = false
  for (const token of tokensOf(json)) {
    const isTop = depth === 1
    if (token === '}' || token === ']') depth--
    if (isTop && (token === ',' || depth === 0)) {
      isKey = true
    } else if (isTop && isKey) {
      isKey = false
      isFound = JSON.parse(token) === name
      if (isFound) found = []
    } else if (!(isTop && token === ':') && depth > 0 && isFound && !isKey) {
      found!.push(token)
    }
    if (token === '{' || token === '[') depth++
  }
  return found?.join('')
}

const isSpace = (character: string): boolean => character <= ' '
const isMark = (character: string): boolean => '{}[],:'.includes(character)

/** Strings, marks and literals, one after the other. */
function* tokensOf(json: string): Iterable<string> {
  let at = 0
  while (at < json.length) {
    const start = at++
    const character = json[start]!
    if (isSpace(character)) continue
    if (character === '"') at = endOfString(json, start)
    else if (!isMark(character)) {
      while (at < json.length && !isSpace(json[at]!) && !isMark(json[at]!)) at++
    }
    yield json.slice(start, at)
  }
}

/** What follows the string that begins there. */
function endOfString(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); end >= 0; end = json.indexOf('"', end + 1)) {
    let escapes = 0
    while (json[end - 1 - escapes] === '\\') escapes++
    if (escapes % 2 === 0) return end + 1
  }
  return json.length
}
