/** Code blocks of the pages in docs, run as a reader would run them. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from 'vitest'

const root = join(__dirname, '..', '..')

export type Exports = Record<string, (...args: never[]) => unknown>

/** The code blocks of a page in this language. */
export function blocks(page: string, language: string): string[] {
  const text = readFileSync(join(root, 'docs', page), 'utf8')
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)]
    .filter(([, name]) => name === language)
    .map(([, , code]) => code!)
}

/** A folder where `kinesis-agg` and these packages are installed. */
export class PageFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'kinesis-agg-docs-'))

  constructor(packages: string[]) {
    const install = (name: string, from: string): void => {
      const path = join(this.path, 'node_modules', name)
      mkdirSync(dirname(path), { recursive: true })
      symlinkSync(from, path, 'junction')
    }
    install('kinesis-agg', root)
    for (const name of packages) install(name, join(root, 'node_modules', name))
  }

  remove(): void {
    rmSync(this.path, { recursive: true })
  }

  /** The exports of the one block with this word; `globals` are the functions that the reader has. */
  load(page: string, word: string, globals: Record<string, unknown> = {}): Exports {
    const file = this.#write(page, word, 'cjs', globals)
    return createRequire(file)(file) as Exports
  }

  /** The same of a block that is an ES module. */
  import(page: string, word: string, globals: Record<string, unknown> = {}): Promise<Exports> {
    const file = this.#write(page, word, 'mjs', globals)
    return import(/* @vite-ignore */ pathToFileURL(file).href) as Promise<Exports>
  }

  #write(page: string, word: string, extension: string, globals: Record<string, unknown>): string {
    const found = blocks(page, 'js').filter(code => code.includes(word))
    expect(found, `one block of ${page} with ${word}`).toHaveLength(1)
    const file = join(this.path, `${page}.${word.replace(/\W/g, '')}.${extension}`)
    writeFileSync(file, found[0]!)
    Object.assign(globalThis, globals)
    return file
  }
}
