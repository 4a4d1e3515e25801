/**
 * Goes the way of a release as far as one machine can: `npm run release:dry [-- --skip-build]`.
 *
 * Versions, licences, the Linux binaries, their symbols, a smoke run, packing, and publishing to a registry on
 * loopback; nothing leaves the machine. The binaries for macOS are built and inspected, one for Windows is built and run
 * in Wine; their packages get stand-ins all the same, which say so, since the workflow builds what is published.
 */
import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { GLIBC, ROOT, manifest, platforms } from './platforms.mjs'
import { startRegistry, useRegistry } from './registry.mjs'
import { builtPlatforms, stage } from './stage.mjs'

const { values } = parseArgs({ options: { 'skip-build': { type: 'boolean', default: false } } })
const run = promisify(execFile)

/** Each step is what the workflow runs. */
function script(name, ...args) {
  console.log(`\n${name} ${args.join(' ')}`)
  execFileSync(process.execPath, [join(ROOT, 'scripts', `${name}.mjs`), ...args], {
    cwd: ROOT,
    stdio: 'inherit'
  })
}

async function publish(folder, packages) {
  const registry = await startRegistry()
  try {
    useRegistry(folder, registry.url)
    const npmrc = { env: { ...process.env, npm_config_userconfig: join(folder, '.npmrc') }, cwd: ROOT }
    const publishing = join(ROOT, 'scripts', 'publish.mjs')
    const flags = ['--registry', `${registry.url}/`]
    // Twice: a release that stopped half-way goes on.
    const first = await run(process.execPath, [publishing, packages, ...flags], npmrc)
    const second = await run(process.execPath, [publishing, packages, ...flags], npmrc)
    if (registry.packages.size !== platforms.length + 1) throw new Error(`published only:\n${first.stdout}`)
    if (second.stdout.match(/is there already/g)?.length !== platforms.length + 1)
      throw new Error(second.stdout)
    const user = join(folder, 'user')
    mkdirSync(user)
    writeFileSync(join(user, 'package.json'), '{ "private": true }\n')
    await run('npm', ['install', manifest.name], { ...npmrc, cwd: user })
    const code = `console.log(require('${manifest.name}').aggregate([{ partitionKey: 'a', data: '' }]).length)`
    const { stdout } = await run(process.execPath, ['-e', code], { cwd: user })
    if (stdout !== '1\n') throw new Error(`the installed package printed ${stdout}`)
    console.log(`\n${registry.packages.size} packages published on loopback, installed and run`)
  } finally {
    await registry.close()
  }
}

script('check-versions')
script('licences', '--check')
if (!values['skip-build']) {
  script('build-linux')
  script('build-macos')
  script('test-windows', '--short')
}
const built = builtPlatforms()
script('glibc', ...built.map(({ folder, binary }) => join(folder, binary)))
script('test-platforms', '--short')

const folder = mkdtempSync(join(tmpdir(), 'kinesis-agg-release-'))
try {
  const packages = join(folder, 'packages')
  const staged = stage(packages, { standIns: true })
  console.log(`\npacked, with symbols of glibc ${GLIBC} or before`)
  for (const { name, unpackedSize, files } of staged) {
    const real = name === manifest.name || built.some(one => one.package === name)
    console.log(
      `  ${name}: ${files.length} files, ${unpackedSize} bytes${real ? '' : ', a stand-in: built by the workflow only'}`
    )
  }
  await publish(folder, packages)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
console.log('Not done here: tests on macOS and Windows themselves, provenance, npm itself.')
