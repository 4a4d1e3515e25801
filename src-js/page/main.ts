import { Buffer } from 'node:buffer'
import { EXAMPLE_RECORDS, EXAMPLE_SHARDS } from '../inspector/example'
import { type Given, givenBytes } from '../inputs/given'
import { App, type Source } from './app'
import { byId } from './dom'

/** Milliseconds after the last change within which a field is read. */
const TYPING_MS = 250

const app = new App()
const input = byId<HTMLTextAreaElement>('input')
const shards = byId<HTMLTextAreaElement>('shards')

function open(source: Source): void {
  input.value = App.fieldText(source.bytes)
  app.open(source)
}

/** The shards are those of the example, which say nothing about another record. */
let areExample = false

function forgetExample(): void {
  if (!areExample) return
  areExample = false
  shards.value = ''
  app.setShards('')
}

function openExample(): void {
  areExample = true
  shards.value = EXAMPLE_SHARDS
  app.setShards(EXAMPLE_SHARDS)
  open({ name: 'An example', bytes: Buffer.from(EXAMPLE_RECORDS) })
}

async function openFile(file: File): Promise<void> {
  forgetExample()
  open({ name: file.name, bytes: Buffer.from(await file.arrayBuffer()) })
}

/** A record in the address, behind `#`. */
function openFragment(): boolean {
  const fragment = location.hash.slice(1)
  if (fragment === '') return false
  let text = fragment
  try {
    text = decodeURIComponent(fragment)
  } catch {
    // Not written as an address should be: as it stands there.
  }
  forgetExample()
  open({ name: 'From the address', bytes: Buffer.from(text) })
  return true
}

function later(job: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  return () => {
    clearTimeout(timer)
    timer = setTimeout(job, TYPING_MS)
  }
}

input.addEventListener(
  'input',
  later(() => {
    forgetExample()
    app.open({ name: '', bytes: Buffer.from(input.value) })
  })
)
const readShards = later(() => app.setShards(shards.value))
shards.addEventListener('input', () => {
  areExample = false
  readShards()
})
byId('example').addEventListener('click', openExample)
byId<HTMLInputElement>('file').addEventListener('change', event => {
  const [file] = (event.target as HTMLInputElement).files ?? []
  if (file !== undefined) void openFile(file)
})
document.addEventListener('dragover', event => event.preventDefault())
document.addEventListener('drop', event => {
  event.preventDefault()
  const [file] = event.dataTransfer?.files ?? []
  const text = event.dataTransfer?.getData('text/plain') ?? ''
  if (file !== undefined) {
    void openFile(file)
  } else if (text !== '') {
    forgetExample()
    open({ name: '', bytes: Buffer.from(text) })
  }
})
addEventListener('hashchange', openFragment)

app.setShards('')
const given = JSON.parse(byId('given').textContent) as Given | null
if (given !== null) open({ name: given.name, bytes: givenBytes(given) })
else if (!openFragment()) openExample()
