import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, inject } from 'vitest'
import { useRegistry } from '../../scripts/registry.mjs'
import { ROOT } from '../../scripts/platforms.mjs'
import { npm } from './run'

const made: string[] = []
afterAll(() => made.splice(0).forEach(folder => rmSync(folder, { recursive: true, force: true })))

/** An empty folder outside of the repository. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kinesis-agg-user-'))
  made.push(folder)
  return folder
}

/** A project in an empty folder, with what `npm install ...args` installs. */
export async function project(...args: string[]): Promise<string> {
  const folder = emptyFolder()
  writeFileSync(join(folder, 'package.json'), '{ "name": "user", "private": true }\n')
  useRegistry(folder, inject('registry'))
  await npm(folder, 'install', ...args)
  return folder
}

/** The packages in a project's node_modules. */
export const installed = (folder: string): string[] =>
  readdirSync(join(folder, 'node_modules'))
    .filter(name => !name.startsWith('.'))
    .toSorted()

/** Gives a project what our own package.json names, in place of an install from a registry of everything. */
export function link(folder: string, ...names: string[]): void {
  for (const name of names) {
    const path = join(folder, 'node_modules', name)
    mkdirSync(join(path, '..'), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules', name), path, 'junction')
  }
}

/** Puts files of the repository into a project. */
export function copy(folder: string, ...paths: string[]): void {
  for (const path of paths) cpSync(join(ROOT, path), join(folder, path.split('/').at(-1)!))
}
