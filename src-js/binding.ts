import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { hasMusl, libcOf } from './libc'
import { unsupportedPlatform } from './unsupported-platform'

/** What the native half exports; typings of `napi build`. */
export type Binding = typeof import('./native')

/**
 * Loads a platform's package; `undefined` for a platform that has none. Bundlers have to see each name written out,
 * and inside a `try`: then they let those be missing that were not installed.
 */
function requirePackage(name: string, causes: unknown[]): Binding | undefined {
  try {
    switch (name) {
      case 'linux-x64-gnu':
        return require('kinesis-agg-linux-x64-gnu')
      case 'linux-x64-musl':
        return require('kinesis-agg-linux-x64-musl')
      case 'linux-arm64-gnu':
        return require('kinesis-agg-linux-arm64-gnu')
      case 'linux-arm64-musl':
        return require('kinesis-agg-linux-arm64-musl')
      case 'darwin-x64':
        return require('kinesis-agg-darwin-x64')
      case 'darwin-arm64':
        return require('kinesis-agg-darwin-arm64')
      case 'win32-x64-msvc':
        return require('kinesis-agg-win32-x64-msvc')
      case 'win32-arm64-msvc':
        return require('kinesis-agg-win32-arm64-msvc')
    }
  } catch (error) {
    causes.push(error)
  }
  return undefined
}

/**
 * What fits, best first. A machine with musl may have packages for both C libraries, and with gcompat the wrong one
 * loads there: then only the right one is tried.
 */
function candidates(): string[] {
  const { platform, arch } = process
  if (platform === 'win32') return [`win32-${arch}-msvc`]
  if (platform !== 'linux') return [`${platform}-${arch}`]
  const libc = hasMusl() ? libcOf(process.execPath) : undefined
  if (libc !== undefined) return [`linux-${arch}-${libc === 'musl' ? 'musl' : 'gnu'}`]
  return [`linux-${arch}-gnu`, `linux-${arch}-musl`]
}

/** The version in package.json, put in by the build. */
declare const PACKAGE_VERSION: string

/**
 * Whether it is ours, and of this version: any addon loads, and packages may have been put together by hand, or left
 * behind in a layer or a bundle by an earlier version.
 */
function accept(binding: Partial<Binding>, from: string, causes: unknown[]): Binding | undefined {
  const { VERSION } = binding
  if (VERSION === PACKAGE_VERSION) return binding as Binding
  const found = typeof VERSION === 'string' ? `is of version ${VERSION}` : 'is no binary of kinesis-agg'
  causes.push(new Error(`${from} ${found}; this is version ${PACKAGE_VERSION}`))
  return undefined
}

/** What `require` does with a `.node` file, without a `require` of a name that bundlers cannot know. */
function open(path: string, causes: unknown[]): Binding | undefined {
  const module = { exports: {} as Binding }
  try {
    process.dlopen(module, path)
    return accept(module.exports, path, causes)
  } catch (error) {
    causes.push(error)
    return undefined
  }
}

/**
 * A binary beside this file: one that was just built, or copied there with a bundle. Bundled as an ES module, this
 * file has no folder unless it is given one.
 */
function openBeside(name: string, causes: unknown[]): Binding | undefined {
  if (typeof __dirname !== 'string') return undefined
  const path = `${__dirname}/kinesis-agg.${name}.node`
  return existsSync(path) ? open(path, causes) : undefined
}

/** From the package that npm installed. */
function openPackage(name: string, causes: unknown[]): Binding | undefined {
  const binding = requirePackage(name, causes)
  return binding && accept(binding, `kinesis-agg-${name}`, causes)
}

function load(): Binding {
  const causes: unknown[] = []
  const override = process.env['KINESIS_AGG_BINARY']
  if (override) {
    const binding = open(resolve(override), causes)
    if (binding !== undefined) return binding
  } else {
    for (const name of candidates()) {
      const binding = openBeside(name, causes) ?? openPackage(name, causes)
      if (binding !== undefined) return binding
    }
  }
  throw unsupportedPlatform(causes[0], override)
}

export const native: Binding = load()
