// Puts what the peers need into .work, and says by which command each starts.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const INTEROP = fileURLToPath(new URL('..', import.meta.url))
const WORK = join(INTEROP, '.work')
const INSTALL_MS = 540_000

/** Runs a command; what it printed is shown only if it fails. */
function run(program, args, cwd) {
  const { status, error, stdout, stderr } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    timeout: INSTALL_MS
  })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error ?? `${stdout}${stderr}`}`)
}

/** The libraries of jvm/`name`/pom.xml, and jvm/`name`/Peer.java compiled. */
export function installJava(name) {
  const work = join(WORK, name)
  const lib = join(work, 'lib')
  const classes = join(work, 'classes')
  const source = join(INTEROP, 'jvm', name)
  // What another version left behind would be on the class path too.
  rmSync(work, { recursive: true, force: true })
  run('mvn', ['-B', '-q', '-ntp', 'dependency:copy-dependencies', `-DoutputDirectory=${lib}`], source)
  const shared = join(INTEROP, 'jvm', 'Lines.java')
  const flags = ['-proc:none', '-d', classes, '-cp', join(lib, '*')]
  run('javac', [...flags, shared, join(source, 'Peer.java')])
  return { command: ['java', '-cp', [classes, join(lib, '*')].join(delimiter), 'Peer'], work }
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

/** The version that a file of this folder asks for: what `pattern` captures there. */
export function versionIn(file, pattern) {
  const match = pattern.exec(readFileSync(join(INTEROP, file), 'utf8'))
  if (match === null) throw new Error(`${file} has no ${pattern}`)
  return match[1]
}
