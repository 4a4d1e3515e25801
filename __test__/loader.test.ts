/** How the package finds its binary, in processes of their own. */
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { version } from '../package.json'
import { platforms } from '../scripts/platforms.mjs'

const root = join(__dirname, '..')
const local = readdirSync(root).find(file => file.endsWith('.node'))
const binary = process.env['KINESIS_AGG_BINARY'] || join(root, local!)
const FILES = ['index.js', 'binding.js']
let folder: string

/** An installed package, and the packages of platforms: with a binary, or with anything else. */
function install(packages: Record<string, 'binary' | 'text' | 'another addon'>): void {
  const modules = join(folder, 'node_modules')
  rmSync(modules, { recursive: true, force: true })
  mkdirSync(join(modules, 'kinesis-agg'), { recursive: true })
  for (const file of FILES) copyFileSync(join(root, file), join(modules, 'kinesis-agg', file))
  for (const [name, kind] of Object.entries(packages)) {
    const target = join(modules, `kinesis-agg-${name}`)
    mkdirSync(target)
    if (kind === 'binary') copyFileSync(binary, join(target, 'index.node'))
    else writeFileSync(join(target, kind === 'text' ? 'index.node' : 'index.js'), kind === 'text' ? kind : '')
  }
}

interface Outcome {
  loaded: boolean
  code?: string
  message?: string
  cause?: string
}

/** Requires the package, on a machine that says of itself what is given. */
function load(machine: Partial<Pick<NodeJS.Process, 'platform' | 'arch'>> = {}, override = ''): Outcome {
  const code = `
    for (const [name, value] of Object.entries(${JSON.stringify(machine)})) Object.defineProperty(process, name, { value })
    const say = outcome => console.log(JSON.stringify(outcome))
    try {
      const { aggregate } = require('kinesis-agg')
      say({ loaded: aggregate([{ partitionKey: 'a', data: '' }]).length === 1 })
    } catch ({ code, message, cause }) {
      say({ loaded: false, code, message, cause: cause?.message })
    }`
  writeFileSync(join(folder, 'load.cjs'), code)
  const env = { ...process.env, KINESIS_AGG_BINARY: override }
  const { stdout, stderr } = spawnSync(process.execPath, ['load.cjs'], { cwd: folder, env, encoding: 'utf8' })
  expect(stderr).toBe('')
  return JSON.parse(stdout) as Outcome
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kinesis-agg-loader-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const isHost = ({ os, cpu }: (typeof platforms)[number]) => os === process.platform && cpu === process.arch
const host = platforms.find(one => isHost(one) && local?.includes(one.name)) ?? platforms.find(isHost)!

describe('finds', () => {
  it(`the package for this platform`, () => {
    install({ [host.name]: 'binary' })
    expect(load()).toEqual({ loaded: true })
  })

  it('what KINESIS_AGG_BINARY names, before any package', () => {
    install({ [host.name]: 'text' })
    expect(load({}, binary)).toEqual({ loaded: true })
  })

  it('a relative path in KINESIS_AGG_BINARY, from where the process runs', () => {
    install({})
    copyFileSync(binary, join(folder, 'mine.node'))
    expect(load({}, './mine.node')).toEqual({ loaded: true })
  })

  it('a binary beside it, before the package', () => {
    install({ [host.name]: 'text' })
    copyFileSync(binary, join(folder, 'node_modules', 'kinesis-agg', host.binary))
    expect(load()).toEqual({ loaded: true })
  })
})

describe('ERR_UNSUPPORTED_PLATFORM', () => {
  // A process has the C library that it has.
  const possible = platforms.filter(({ os, libc }) => os !== 'linux' || libc === (host.libc ?? libc))
  it.each(possible)('nothing is installed on $name', ({ os, cpu, libc, package: name }) => {
    install({})
    const { code, message, cause } = load({
      platform: os as NodeJS.Platform,
      arch: cpu as NodeJS.Architecture
    })
    const flag = libc === undefined ? '' : ` --libc=${libc}`
    expect(code).toBe('ERR_UNSUPPORTED_PLATFORM')
    expect(message).toContain(`No native binary for ${[os, cpu, libc].filter(Boolean).join(' ')}: `)
    expect(message).toContain(`the package ${name} is not installed or does not load`)
    expect(message).toContain(`\`npm install --os=${os} --cpu=${cpu}${flag} kinesis-agg\``)
    expect(message).toContain(`First cause: Cannot find module '${name}'`)
    expect(cause).toContain(`Cannot find module '${name}'`)
    expect(message).not.toContain('\n')
  })

  it.each([
    ['freebsd', 'x64'],
    ['linux', 'riscv64'],
    ['win32', 'ia32'],
    ['darwin', 'ppc64']
  ] as const)('there is none for %s %s, and no command that would bring it', (platform, arch) => {
    install({})
    const { code, message } = load({ platform, arch })
    expect(code).toBe('ERR_UNSUPPORTED_PLATFORM')
    expect(message).toMatch(new RegExp(`^No native binary for ${platform} ${arch}`))
    expect(message).toContain('kinesis-agg has one for Linux, macOS and Windows, x64 and arm64')
    expect(message).not.toContain('npm install')
  })

  it('the package holds something else: the first cause says what', () => {
    install({ [host.name]: 'text' })
    const { code, message, cause } = load()
    expect(code).toBe('ERR_UNSUPPORTED_PLATFORM')
    expect(cause).toBeTruthy()
    expect(message).toContain(`First cause: ${cause!.split('\n')[0]}`)
    expect(cause).not.toContain('Cannot find module')
  })

  it('the package holds another addon', () => {
    install({ [host.name]: 'another addon' })
    const { code, cause } = load()
    expect(code).toBe('ERR_UNSUPPORTED_PLATFORM')
    expect(cause).toBe(`kinesis-agg-${host.name} is no binary of kinesis-agg; this is version ${version}`)
  })

  it('the binary is of another version, left behind by an update', () => {
    install({ [host.name]: 'binary' })
    const loader = join(folder, 'node_modules', 'kinesis-agg', 'binding.js')
    const code = readFileSync(loader, 'utf8')
    writeFileSync(loader, code.replaceAll(version, '99.0.0'))
    const outcome = load()
    expect(outcome.code).toBe('ERR_UNSUPPORTED_PLATFORM')
    expect(outcome.cause).toBe(`kinesis-agg-${host.name} is of version ${version}; this is version 99.0.0`)
  })

  it('KINESIS_AGG_BINARY names nothing: no package stands in for it', () => {
    install({ [host.name]: 'binary' })
    const { code, message } = load({}, './nothing.node')
    expect(code).toBe('ERR_UNSUPPORTED_PLATFORM')
    expect(message).toContain('KINESIS_AGG_BINARY=./nothing.node does not load')
    expect(message).toContain('First cause: ')
  })
})
