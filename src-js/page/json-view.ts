import { printable } from '../inputs/text'
import { type JsonNode, childrenOf, summaryOf } from '../inspector/json-tree'
import { el } from './dom'

/** Children that are shown at once. */
const CHILDREN = 200

/** Levels that are open at first. */
const OPEN_LEVELS = 3

/** JSON, folded out as far as one likes. What is folded is not made. */
export function jsonView(node: JsonNode, name = '', level = 0): HTMLElement {
  const label = name === '' ? [] : [el('span', { class: 'json-name' }, printable(name)), ': ']
  const children = childrenOf(node)
  if (node.kind === 'scalar' || children.length === 0) {
    return el(
      'div',
      { class: 'json-leaf' },
      ...label,
      el('span', { class: typeOf(node) }, printable(summaryOf(node)))
    )
  }
  const summary = el(
    'summary',
    {},
    ...label,
    el('span', { class: 'json-summary' }, printable(summaryOf(node)))
  )
  const details = el('details', { class: 'json-node' }, summary)
  const open = (): void => {
    if (details.childElementCount === 1) appendSome(details, children, level, 0)
  }
  details.addEventListener('toggle', open)
  if (level < OPEN_LEVELS) {
    details.open = true
    open()
  }
  return details
}

function appendSome(details: HTMLElement, children: [string, JsonNode][], level: number, from: number): void {
  for (const [name, child] of children.slice(from, from + CHILDREN))
    details.append(jsonView(child, name, level + 1))
  const left = children.length - from - CHILDREN
  if (left <= 0) return
  const more = el('button', { class: 'link' }, `${left} more`)
  more.addEventListener('click', () => {
    more.remove()
    appendSome(details, children, level, from + CHILDREN)
  })
  details.append(more)
}

function typeOf(node: JsonNode): string {
  if (node.kind !== 'scalar') return 'json-summary'
  return node.text.startsWith('"') ? 'json-text' : 'json-number'
}
