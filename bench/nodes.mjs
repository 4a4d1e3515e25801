/** Gets a Node of another major version from npm, once, into `.cache/nodes/` (which git ignores). */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { ROOT } from './contenders.mjs'

/**
 * @param {string} major
 * @returns {string} the binary's path
 */
export function nodeOf(major) {
  if (!/^\d+$/.test(major)) throw new Error(`--node takes a major version, not ${major}`)
  const windows = process.platform === 'win32'
  const name = `node-${windows ? 'win' : process.platform}-${process.arch}`
  const folder = path.join(ROOT, '.cache', 'nodes', major)
  const binary = path.join(folder, 'node_modules', name, 'bin', windows ? 'node.exe' : 'node')
  if (!fs.existsSync(binary)) {
    fs.mkdirSync(folder, { recursive: true })
    fs.writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n')
    execFileSync('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', `${name}@${major}`], {
      cwd: folder,
      stdio: ['ignore', 'inherit', 'inherit'],
      shell: windows
    })
  }
  return binary
}
