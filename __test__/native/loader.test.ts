/** How the package finds its binary, or WebAssembly, in processes of their own. */
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { version } from '../../package.json'
import { platforms } from '../../scripts/platforms.mjs'

const root = join(__dirname, '..', '..')
const local = readdirSync(join(root, 'dist')).find(file => file.endsWith('.node'))
const binary = process.env['KINESIS_AGG_BINARY'] || join(root, 'dist', local!)
const FILES = ['package.json', 'dist/index.js', 'dist/binding.js', 'dist/wasm-codec.js']
let folder: string

/** An installed package, and the packages of platforms: with a binary, or with anything else. */
function install(packages: Record<string, 'binary' | 'text' | 'another addon'>): void {
  const modules = join(folder, 'node_modules')
  rmSync(modules, { recursive: true, force: true })
  mkdirSync(join(modules, 'kinesis-agg', 'dist'), { recursive: true })
  for (const file of FILES) copyFileSync(join(root, file), join(modules, 'kinesis-agg', file))
  for (const [name, kind] of Object.entries(packages)) {
    const target = join(modules, `kinesis-agg-${name}`)
    mkdirSync(target)
    if (kind === 'binary') copyFileSync(binary, join(target, 'index.node'))
    else writeFileSync(join(target, kind === 'text' ? 'index.node' : 'index.js'), kind === 'text' ? kind : '')
  }
}

interface Outcome {
  codec?: 'native' | 'wasm'
  code?: string
  message?: string
  cause?: string
  /** What was said on standard error. */
  said: string
}

interface Setting {
  /** What the machine says of itself. */
  machine?: Partial<Pick<NodeJS.Process, 'platform' | 'arch'>>
  env?: NodeJS.ProcessEnv
  flags?: string[]
  /** Runs before the package is required. */
  before?: string
}

const { KINESIS_AGG_BINARY: _binary, KINESIS_AGG_CODEC: _codec, ...unset } = process.env

/** Requires the package, and uses it. */
function load({ machine = {}, env = {}, flags = [], before = '' }: Setting = {}): Outcome {
  const code = `
    for (const [name, value] of Object.entries(${JSON.stringify(machine)})) Object.defineProperty(process, name, { value })
    ${before}
    const say = outcome => console.log(JSON.stringify(outcome))
    try {
      const { aggregate, codec, deaggregateSync } = require('kinesis-agg')
      const [record] = deaggregateSync(aggregate([{ partitionKey: 'a', data: 'b' }]))
      say({ codec: record.partitionKey + record.data === 'ab' ? codec : 'wrong' })
    } catch ({ code, message, cause }) {
      say({ code, message, cause: cause?.message })
    }`
  writeFileSync(join(folder, 'load.cjs'), code)
  const { stdout, stderr } = spawnSync(process.execPath, [...flags, 'load.cjs'], {
    cwd: folder,
    env: { ...unset, ...env },
    encoding: 'utf8'
  })
  return { ...(JSON.parse(stdout) as Omit<Outcome, 'said'>), said: stderr }
}

/** The outcome of a process that loads the codec and says nothing. */
const quietly = (codec: 'native' | 'wasm'): Outcome => ({ codec, said: '' })
const NATIVE = { KINESIS_AGG_CODEC: 'native' }
const WASM = { KINESIS_AGG_CODEC: 'wasm' }

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'kinesis-agg-loader-')))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const isHost = ({ os, cpu }: (typeof platforms)[number]) => os === process.platform && cpu === process.arch
const host = platforms.find(one => isHost(one) && local?.includes(one.name)) ?? platforms.find(isHost)!

describe('finds', () => {
  it.each([{}, NATIVE])('the package for this platform: %j', env => {
    install({ [host.name]: 'binary' })
    expect(load({ env })).toEqual(quietly('native'))
  })

  it('what KINESIS_AGG_BINARY names, before any package', () => {
    install({ [host.name]: 'text' })
    expect(load({ env: { KINESIS_AGG_BINARY: binary } })).toEqual(quietly('native'))
  })

  it('a relative path in KINESIS_AGG_BINARY, from where the process runs', () => {
    install({})
    copyFileSync(binary, join(folder, 'mine.node'))
    expect(load({ env: { KINESIS_AGG_BINARY: './mine.node' } })).toEqual(quietly('native'))
  })

  it('a binary beside it, before the package', () => {
    install({ [host.name]: 'text' })
    copyFileSync(binary, join(folder, 'node_modules', 'kinesis-agg', 'dist', host.binary))
    expect(load()).toEqual(quietly('native'))
  })

  it('a package that is elsewhere: in a folder of NODE_PATH, as in a layer', () => {
    install({ [host.name]: 'binary' })
    const name = `kinesis-agg-${host.name}`
    const layer = join(folder, 'layer')
    mkdirSync(layer)
    renameSync(join(folder, 'node_modules', name), join(layer, name))
    expect(load({ env: { NODE_PATH: layer } })).toEqual(quietly('native'))
    rmSync(layer, { recursive: true })
  })

  it('WebAssembly, if KINESIS_AGG_CODEC asks for it, whatever binaries there are', () => {
    install({ [host.name]: 'binary' })
    expect(load({ env: { ...WASM, KINESIS_AGG_BINARY: binary } })).toEqual(quietly('wasm'))
  })

  it('nothing of WebAssembly is read where there is a binary', () => {
    install({ [host.name]: 'binary' })
    rmSync(join(folder, 'node_modules', 'kinesis-agg', 'dist', 'wasm-codec.js'))
    expect(load()).toEqual(quietly('native'))
  })

  it.each(['', 'rust', 'WASM'])('KINESIS_AGG_CODEC=%s', value => {
    install({ [host.name]: 'binary' })
    const { codec, code, message } = load({ env: { KINESIS_AGG_CODEC: value } })
    if (value === '') expect(codec).toBe('native')
    else
      expect({ code, message }).toEqual({
        code: 'ERR_INVALID_ARG_TYPE',
        message: `KINESIS_AGG_CODEC must be 'native' or 'wasm', got '${value}' (a string)`
      })
  })
})

describe('without a binary, WebAssembly', () => {
  const WARNING =
    /^\(node:\d+\) \[KINESIS_AGG_WASM\] Warning: kinesis-agg works with WebAssembly, which is slower, because there is no native binary: (.*)\n/

  it('says so once, with the first cause', () => {
    install({})
    const { codec, said } = load()
    expect(codec).toBe('wasm')
    expect(WARNING.exec(said)?.[1]).toBe(`Cannot find module 'kinesis-agg-${host.name}'`)
    expect(said.match(/KINESIS_AGG_WASM/g)).toHaveLength(1)
  })

  it('says so for a package that holds something else', () => {
    install({ [host.name]: 'another addon' })
    const { codec, said } = load()
    expect(codec).toBe('wasm')
    expect(WARNING.exec(said)?.[1]).toBe(
      `kinesis-agg-${host.name} is no binary of kinesis-agg; this is version ${version}`
    )
  })

  it.each([
    ['if it is asked for', { env: WASM }],
    ['where there is no package that could be installed', { machine: { platform: 'freebsd', arch: 'x64' } }],
    ['on another CPU', { machine: { platform: 'linux', arch: 'riscv64' } }]
  ] as const)('says nothing %s', (_, setting) => {
    install({})
    expect(load(setting)).toEqual(quietly('wasm'))
  })

  it('says nothing in a worker thread', () => {
    install({})
    writeFileSync(
      join(folder, 'worker.cjs'),
      `new (require('node:worker_threads').Worker)("console.log(require('kinesis-agg').codec)", { eval: true })`
    )
    const { stdout, stderr } = spawnSync(process.execPath, ['worker.cjs'], {
      cwd: folder,
      env: unset,
      encoding: 'utf8'
    })
    expect({ stdout, stderr }).toEqual({ stdout: 'wasm\n', stderr: '' })
  })

  it('takes the place of addons that are not allowed, and says why', () => {
    install({ [host.name]: 'binary' })
    const { codec, said } = load({ flags: ['--no-addons'] })
    expect(codec).toBe('wasm')
    expect(WARNING.exec(said)?.[1]).toBe('Cannot load native addon because loading addons is disabled.')
  })
})

describe('permissions', () => {
  const major = Number(process.versions.node.split('.')[0])
  const PERMISSION = major < 22 ? '--experimental-permission' : '--permission'
  /** Node.js 20 says that it is an experiment, Node.js 22 and later warn of addons. */
  const isKnown = (said: string) =>
    said === '' ||
    (major < 22
      ? /^\(node:\d+\) ExperimentalWarning: Permission/
      : /^\(node:\d+\) (\[PERM\d+\] )?SecurityWarning: The flag --allow-addons/
    ).test(said)

  it('to read its own folder and to load addons are enough for the binary', () => {
    install({ [host.name]: 'binary' })
    const { codec, said } = load({ flags: [PERMISSION, `--allow-fs-read=${folder}`, '--allow-addons'] })
    expect(codec).toBe('native')
    expect(said).toSatisfy(isKnown)
  })

  it('to read its own folder are enough for WebAssembly', () => {
    install({ [host.name]: 'binary' })
    const { codec, said } = load({ flags: [PERMISSION, `--allow-fs-read=${folder}`] })
    expect(codec).toBe('wasm')
    expect(said).toMatch(
      /because there is no native binary: (Cannot load native addon because|Access to this API)/
    )
  })
})

describe('ERR_UNSUPPORTED_PLATFORM', () => {
  // The C library cannot be faked: it is read from the program that runs. On other systems than Linux none is found
  // there, and the package for glibc is named.
  const possible = platforms.filter(({ os, libc }) => os !== 'linux' || libc === (host.libc ?? 'glibc'))
  it.each(possible)(
    'the binary is asked for and not installed on $name',
    ({ os, cpu, libc, package: name }) => {
      install({})
      const machine = { platform: os as NodeJS.Platform, arch: cpu as NodeJS.Architecture }
      const { code, message, cause } = load({ machine, env: NATIVE })
      const found = process.platform === 'linux' ? libc : undefined
      const flag = libc === undefined ? '' : ` --libc=${libc}`
      expect(code).toBe('ERR_UNSUPPORTED_PLATFORM')
      expect(message).toContain(`No native binary for ${[os, cpu, found].filter(Boolean).join(' ')}: `)
      expect(message).toContain(`the package ${name} is not installed or does not load`)
      expect(message).toContain(`\`npm install --os=${os} --cpu=${cpu}${flag} kinesis-agg\``)
      expect(message).toContain(`First cause: Cannot find module '${name}'`)
      expect(cause).toContain(`Cannot find module '${name}'`)
      expect(message).not.toContain('\n')
    }
  )

  it.each([
    ['freebsd', 'x64'],
    ['linux', 'riscv64'],
    ['win32', 'ia32'],
    ['darwin', 'ppc64']
  ] as const)('there is none for %s %s, and no command that would bring it', (platform, arch) => {
    install({})
    const { code, message } = load({ machine: { platform, arch }, env: NATIVE })
    expect(code).toBe('ERR_UNSUPPORTED_PLATFORM')
    expect(message).toMatch(new RegExp(`^No native binary for ${platform} ${arch}`))
    expect(message).toContain('kinesis-agg has one for Linux, macOS and Windows, x64 and arm64')
    expect(message).not.toContain('npm install')
  })

  it('the package holds something else: the first cause says what', () => {
    install({ [host.name]: 'text' })
    const { code, message, cause } = load({ env: NATIVE })
    expect(code).toBe('ERR_UNSUPPORTED_PLATFORM')
    expect(cause).toBeTruthy()
    expect(message).toContain(`First cause: ${cause!.split('\n')[0]}`)
    expect(cause).not.toContain('Cannot find module')
  })

  it('the package holds another addon', () => {
    install({ [host.name]: 'another addon' })
    const { code, cause } = load({ env: NATIVE })
    expect(code).toBe('ERR_UNSUPPORTED_PLATFORM')
    expect(cause).toBe(`kinesis-agg-${host.name} is no binary of kinesis-agg; this is version ${version}`)
  })

  it('the binary is of another version, left behind by an update', () => {
    install({ [host.name]: 'binary' })
    const loader = join(folder, 'node_modules', 'kinesis-agg', 'dist', 'binding.js')
    const code = readFileSync(loader, 'utf8')
    writeFileSync(loader, code.replaceAll(version, '99.0.0'))
    const outcome = load({ env: NATIVE })
    expect(outcome.code).toBe('ERR_UNSUPPORTED_PLATFORM')
    expect(outcome.cause).toBe(`kinesis-agg-${host.name} is of version ${version}; this is version 99.0.0`)
  })

  it('KINESIS_AGG_BINARY names nothing: no package stands in for it, and no WebAssembly', () => {
    install({ [host.name]: 'binary' })
    const { code, message } = load({ env: { KINESIS_AGG_BINARY: './nothing.node' } })
    expect(code).toBe('ERR_UNSUPPORTED_PLATFORM')
    expect(message).toContain('KINESIS_AGG_BINARY=./nothing.node does not load')
    expect(message).toContain('First cause: ')
  })

  it('addons are not allowed: no command would change that', () => {
    install({ [host.name]: 'binary' })
    const { code, message } = load({ env: NATIVE, flags: ['--no-addons'] })
    expect(code).toBe('ERR_UNSUPPORTED_PLATFORM')
    expect(message).toMatch(
      /: this process may not load one\. First cause: Cannot load native addon because loading addons is disabled\.$/
    )
  })

  it('neither a binary nor WebAssembly', () => {
    install({})
    const { code, message } = load({ before: 'delete globalThis.WebAssembly' })
    expect(code).toBe('ERR_UNSUPPORTED_PLATFORM')
    expect(message).toContain(`the package kinesis-agg-${host.name} is not installed or does not load`)
  })
})
