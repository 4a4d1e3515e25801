import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { ROOT } from '../../scripts/platforms.mjs'

const PINNED = {
  webpack: '5.112.2',
  'node-loader': '2.1.0',
  rollup: '4.68.8',
  '@rollup/plugin-commonjs': '29.0.3',
  '@rollup/plugin-node-resolve': '16.0.3'
}

/** Bundlers that nothing else here needs; npm puts them into `.cache/bundlers/` (which git ignores), once. */
export function bundlers(): NodeJS.Require {
  const folder = join(ROOT, '.cache', 'bundlers')
  const done = join(folder, 'done')
  if (!existsSync(done)) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: PINNED }))
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: process.platform === 'win32'
    })
    writeFileSync(done, '')
  }
  return createRequire(done)
}
