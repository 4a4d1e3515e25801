/** Bundlers, which nothing else here needs; npm puts them into `.cache/bundlers/` (which git ignores), once. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../scripts/platforms.mjs'

const PINNED = {
  '@oven/bun-linux-x64': '1.4.5',
  '@rollup/plugin-commonjs': '29.0.3',
  '@rollup/plugin-node-resolve': '16.0.3',
  '@vercel/ncc': '0.45.0',
  '@vercel/nft': '1.11.5',
  esbuild: '0.28.2',
  rolldown: '1.3.2',
  rollup: '4.68.8',
  tsdown: '0.23.7',
  vite: '8.3.8',
  webpack: '5.113.0'
}

/** @returns {string} the folder that has them in its node_modules */
export function bundlerTools() {
  const folder = join(ROOT, '.cache', 'bundlers')
  const done = join(folder, JSON.stringify(PINNED).replaceAll(/[^\d.]+/g, '-'))
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
  return folder
}
