/** The element with an id that stands in the page. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.querySelector<T>(`#${id}`)
  if (found === null) throw new Error(`the page has no #${id}`)
  return found
}

interface Properties {
  class?: string
  id?: string
  title?: string
  role?: string
  tabIndex?: number
  onclick?: () => void
  [aria: `aria-${string}`]: string | number | boolean | undefined
}

/** An element; text becomes text, never markup. */
export function el<K extends keyof HTMLElementTagNameMap>(
  name: K,
  properties: Properties = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(properties)) {
    if (key === 'onclick') element.addEventListener('click', value as () => void)
    else if (value !== undefined) element.setAttribute(key === 'tabIndex' ? 'tabindex' : key, String(value))
  }
  element.append(...children)
  return element
}

/** Puts these in the place of what is in an element. */
export function fill(element: Element, ...children: (Node | string)[]): void {
  element.replaceChildren(...children)
}
