/** `npm version` and `npm publish`, as they run in the repository. */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT, platforms } from '../scripts/platforms.mjs'
import { emptyFolder } from './support/folder'

const shell = process.platform === 'win32'
const run = (folder: string, command: string, ...args: string[]) =>
  spawnSync(command, args, { cwd: folder, encoding: 'utf8', shell: shell && command === 'npm' })

/** A repository of its own with the files that a version is in. */
function repository({ unreleased }: { unreleased: string }): string {
  const folder = emptyFolder()
  const files = ['package.json', 'package-lock.json', 'Cargo.toml', 'Cargo.lock', 'fuzz/Cargo.lock', 'npm']
  for (const file of [...files, 'scripts', '.prettierrc.json', '.gitattributes'])
    cpSync(join(ROOT, file), join(folder, file), { recursive: true, filter: path => !path.endsWith('.node') })
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction')
  writeFileSync(join(folder, '.gitignore'), 'node_modules\n')
  writeFileSync(join(folder, 'CHANGELOG.md'), `# Changelog\n\n## [Unreleased]\n${unreleased}`)
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, stdio: 'ignore' })
  git('init', '--quiet')
  git('config', 'user.name', 'Test')
  git('config', 'user.email', 'test@example.com')
  git('add', '.')
  git('commit', '--quiet', '--message', 'Before')
  return folder
}

describe('npm version', () => {
  it('carries everything that names the version into one commit with a tag', () => {
    const folder = repository({ unreleased: '\n### Added\n\n- Something.\n' })
    const { status, stderr } = run(folder, 'npm', 'version', '12.34.56')
    expect(status, stderr).toBe(0)

    const git = (...args: string[]) => run(folder, 'git', ...args).stdout.trim()
    expect(git('log', '-1', '--format=%s %D')).toContain('v12.34.56')
    expect(git('describe', '--exact-match')).toBe('v12.34.56')
    expect(git('status', '--porcelain')).toBe('')
    expect(git('show', '--name-only', '--format=').split('\n').toSorted()).toEqual(
      [
        'CHANGELOG.md',
        'Cargo.lock',
        'Cargo.toml',
        'fuzz/Cargo.lock',
        'package-lock.json',
        'package.json',
        ...platforms.map(({ name }) => `npm/${name}/package.json`)
      ].toSorted()
    )
    // What the release workflow checks.
    const check = run(folder, process.execPath, 'scripts/check-versions.mjs', '--tag', 'v12.34.56')
    expect(check.stderr).toBe('')
    expect(check.status).toBe(0)
    expect(readFileSync(join(folder, 'CHANGELOG.md'), 'utf8')).toMatch(
      /^# Changelog\n\n## \[Unreleased\]\n\n## \[12\.34\.56\] - \d{4}-\d\d-\d\d\n\n### Added\n\n- Something\.\n$/
    )
  })

  it.each([
    ['nothing', ''],
    ['only an older section', '\n## [0.0.1] - 2026-01-01\n\n- Old.\n']
  ])('refuses a release whose notes are %s', (_, unreleased) => {
    const folder = repository({ unreleased })
    const { status, stderr } = run(folder, 'npm', 'version', '12.34.56')
    expect(status).not.toBe(0)
    expect(stderr).toContain('CHANGELOG.md')
    expect(run(folder, 'git', 'log', '--format=%s').stdout).toBe('Before\n')
    expect(run(folder, 'git', 'tag').stdout).toBe('')
  })
})

it('check-versions notices each file that is left behind', () => {
  const folder = repository({ unreleased: '' })
  for (const file of ['Cargo.toml', 'Cargo.lock', 'fuzz/Cargo.lock', 'npm/linux-x64-gnu/package.json']) {
    const path = join(folder, file)
    const before = readFileSync(path, 'utf8')
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    // Of our own package: in a lock file another one may have the same version.
    const changed = before.replace(
      new RegExp(`(kinesis-agg[^]{0,60}?version"?(?: =|:) ")${version}"`),
      '$19.9.9"'
    )
    expect(changed).not.toBe(before)
    writeFileSync(path, changed)
    const { status, stderr } = run(folder, process.execPath, 'scripts/check-versions.mjs')
    expect(status).toBe(1)
    expect(stderr).toContain(file)
    writeFileSync(path, before)
  }
})

it('npm publish in the repository is refused', () => {
  const { status, stderr } = run(ROOT, 'npm', 'publish', '--dry-run')
  expect(status).not.toBe(0)
  expect(stderr).toContain('docs/release.md')
})
