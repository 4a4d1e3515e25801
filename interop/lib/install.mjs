// Puts what the peers need into .work, and says by which command each starts.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const INTEROP = fileURLToPath(new URL('..', import.meta.url))
const WORK = join(INTEROP, '.work')
const INSTALL_MS = 540_000

/**
 * Runs a command; what it printed is shown only if it fails.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {string} [cwd]
 */
function run(program, args, cwd) {
  const { status, error, stdout, stderr } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    timeout: INSTALL_MS
  })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error ?? `${stdout}${stderr}`}`)
}

/**
 * The libraries that `source`/pom.xml names, in a folder of their own.
 *
 * @param {string} name
 * @param {string} source
 */
function installJars(name, source) {
  const work = join(WORK, name)
  const lib = join(work, 'lib')
  // What another version left behind would be on the class path too.
  rmSync(work, { recursive: true, force: true })
  run('mvn', ['-B', '-q', '-ntp', 'dependency:copy-dependencies', `-DoutputDirectory=${lib}`], source)
  return { work, lib }
}

/**
 * The libraries of jvm/`name`/pom.xml, and jvm/`program`/`main`.java compiled.
 *
 * @param {string} name
 */
export function installJava(name, main = 'Peer', program = name) {
  const source = join(INTEROP, 'jvm', program)
  const { work, lib } = installJars(name, join(INTEROP, 'jvm', name))
  const classes = join(work, 'classes')
  const shared = join(INTEROP, 'jvm', 'Lines.java')
  const flags = ['-proc:none', '-d', classes, '-cp', join(lib, '*'), '-sourcepath', source]
  run('javac', [...flags, shared, join(source, `${main}.java`)])
  return { command: ['java', '-cp', [classes, join(lib, '*')].join(delimiter), main], work }
}

/** The MultiLangDaemon of the example, and the package of kcl-multilang/dynalite/package.json. */
export function installMultiLang() {
  const { work, lib } = installJars('kcl-multilang', join(INTEROP, '..', 'examples', 'kcl'))
  for (const file of ['package.json', 'package-lock.json']) {
    copyFileSync(join(INTEROP, 'kcl-multilang', 'dynalite', file), join(work, file))
  }
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], work)
  return { work, jars: lib, require: createRequire(join(work, 'package.json')) }
}

export function installPython() {
  const venv = join(WORK, 'python')
  const python = join(venv, 'bin', 'python')
  if (!existsSync(python)) run('python3', ['-m', 'venv', venv])
  run(python, ['-m', 'pip', 'install', '--quiet', '-r', join(INTEROP, 'python', 'requirements.txt')])
  return { command: [python, join(INTEROP, 'python', 'peer.py')] }
}

export function installGo() {
  const binary = join(WORK, 'go', 'peer')
  mkdirSync(join(WORK, 'go'), { recursive: true })
  run('go', ['build', '-o', binary, '.'], join(INTEROP, 'go'))
  return { command: [binary] }
}

/**
 * The version that a file of this folder asks for: what `pattern` captures there.
 *
 * @param {string} file
 * @param {RegExp} pattern
 */
export function versionIn(file, pattern) {
  const match = pattern.exec(readFileSync(join(INTEROP, file), 'utf8'))
  if (match === null) throw new Error(`${file} has no ${pattern}`)
  return match[1]
}

/** The version of the KPL that jvm/`name` asks for. */
export const kplVersion = (name = 'kpl') =>
  versionIn(`jvm/${name}/pom.xml`, /amazon-kinesis-producer<\/artifactId>\s*<version>(.+?)</)
