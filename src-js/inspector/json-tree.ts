/** A JSON value whose numbers and texts are as they were written: `JSON.parse` rounds numbers beyond 2^53. */
export type JsonNode =
  | { readonly kind: 'scalar'; readonly text: string }
  | { readonly kind: 'array'; readonly items: JsonNode[] }
  | { readonly kind: 'object'; readonly entries: [key: string, value: JsonNode][] }

const TOKENS = /[{}[\],:]|"[^"\\]*(?:\\.[^"\\]*)*"|[^\s{}[\],:"]+/g

/** The object or array that a text is; `undefined` for all other text. */
export function readJson(text: string): JsonNode | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined
  try {
    JSON.parse(text)
  } catch {
    return undefined
  }
  return build(text)
}

/** Of text that is known to be JSON. Without recursion: hostile data may nest as deep as it is long. */
function build(text: string): JsonNode {
  const root: { kind: 'array'; items: JsonNode[] } = { kind: 'array', items: [] }
  const open: JsonNode[] = [root]
  let key: string | undefined
  const add = (node: JsonNode): void => {
    const parent = open.at(-1)!
    if (parent.kind === 'object') {
      parent.entries.push([key!, node])
      key = undefined
    } else if (parent.kind === 'array') {
      parent.items.push(node)
    }
  }
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === '{' || token === '[') {
      const node: JsonNode = token === '{' ? { kind: 'object', entries: [] } : { kind: 'array', items: [] }
      add(node)
      open.push(node)
    } else if (token === '}' || token === ']') {
      open.pop()
    } else if (token !== ',' && token !== ':') {
      if (open.at(-1)!.kind === 'object' && key === undefined) key = token
      else add({ kind: 'scalar', text: token })
    }
  }
  return root.items[0]!
}

/** The children of a node, each with its name. */
export function childrenOf(node: JsonNode): [name: string, child: JsonNode][] {
  if (node.kind === 'object') return node.entries
  return node.kind === 'array' ? node.items.map((item, i) => [String(i), item]) : []
}

const MAX_SUMMARY = 60

/** A node on one line, cut off where it gets long. */
export function summaryOf(node: JsonNode): string {
  if (node.kind === 'scalar') return node.text
  const children = childrenOf(node)
  const [start, end] = node.kind === 'object' ? ['{', '}'] : ['[', ']']
  let text = start
  for (const [i, [name, child]] of children.entries()) {
    const value = child.kind === 'scalar' ? child.text : child.kind === 'object' ? '{…}' : '[…]'
    const next = `${i === 0 ? '' : ', '}${node.kind === 'object' ? `${name}: ` : ''}${value}`
    if (text.length + next.length > MAX_SUMMARY) return `${text}${i === 0 ? '' : ', '}…${end}`
    text += next
  }
  return text + end
}
