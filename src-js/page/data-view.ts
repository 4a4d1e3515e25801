import type { Buffer } from 'node:buffer'
import { printable } from '../inputs/text'
import { type Content, contentOf } from '../inspector/content'
import { gunzip } from '../inspector/gunzip'
import { sizeOf } from '../inspector/words'
import { el, fill } from './dom'
import { hexOf } from './hexdump'
import { jsonView } from './json-view'

/** Characters of text that are shown before one asks for more. */
const TEXT_LENGTH = 100_000

/** Data in the forms that it has; the first one is shown. */
export function dataView(data: Buffer): HTMLElement {
  const content = contentOf(data)
  const box = el('div', { class: 'data' })
  if (content.kind === 'empty') {
    fill(box, 'No data: 0 bytes.')
    return box
  }
  showForms(box, [...formsOf(content, data), ['Hex', () => hexOf(data, 'Data in hexadecimal')]])
  return box
}

type Form = [name: string, make: () => HTMLElement]

function formsOf(content: Content, data: Buffer): Form[] {
  switch (content.kind) {
    case 'json':
      return [
        ['JSON', () => jsonView(content.root)],
        ['Text', () => textView(content.text)]
      ]
    case 'text':
      return [['Text', () => textView(content.text)]]
    case 'gzip':
      return [['Opened gzip', () => openedView(data)]]
    default:
      return []
  }
}

function showForms(box: HTMLElement, forms: Form[]): void {
  const panel = el('div', { class: 'panel' })
  const buttons = forms.map(([name, make]) => {
    const button = el('button', { class: 'form', 'aria-pressed': false }, name)
    button.addEventListener('click', () => {
      for (const other of buttons) other.setAttribute('aria-pressed', String(other === button))
      fill(panel, make())
    })
    return button
  })
  fill(box, el('div', { class: 'forms', role: 'group', 'aria-label': 'Show data as' }, ...buttons), panel)
  buttons[0]!.click()
}

/** Line breaks and tabs stay; all else that is not seen is written out. */
function textView(text: string): HTMLElement {
  const pre = el('pre', { class: 'text', tabIndex: 0 })
  const show = (part: string): void => {
    pre.textContent = part.replace(/[^\n\t]+/g, printable)
  }
  show(text.slice(0, TEXT_LENGTH))
  if (text.length <= TEXT_LENGTH) return pre
  const more = el('button', { class: 'link' }, `Show all ${text.length} characters`)
  more.addEventListener('click', () => {
    more.remove()
    show(text)
  })
  return el('div', {}, pre, more)
}

/** What gzip holds, when it is open. */
function openedView(data: Buffer): HTMLElement {
  const box = el('div', { 'aria-live': 'polite' }, 'Opening …')
  gunzip(data as Uint8Array<ArrayBuffer>).then(
    opened => {
      const cut = opened.isCut ? '; it holds more, which is not opened' : ''
      const note = el(
        'p',
        { class: 'note' },
        `gzip: ${sizeOf(data.length)}, opened ${sizeOf(opened.data.length)}${cut}`
      )
      const content = contentOf(opened.data)
      const [form] = formsOf(content.kind === 'gzip' ? { kind: 'bytes' } : content, opened.data)
      fill(box, note, form === undefined ? hexOf(opened.data, 'Opened data in hexadecimal') : form[1]())
    },
    (error: Error) => fill(box, `The data is gzip that cannot be opened: ${printable(error.message)}`)
  )
  return box
}
