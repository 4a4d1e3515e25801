// Where a Chromium is, for the tests of the page and its pictures.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** Milliseconds for Debian's package, which has some 100 MB. */
const INSTALL_MS = 180_000

function onPath() {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.flatMap(folder => NAMES.map(name => join(folder, name))).find(existsSync)
}

/** Debian's package, which only root may install. */
function install() {
  if (process.getuid?.() !== 0) return 'there is none on the PATH, and only root may install one'
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const options = [
    '-q',
    '-o',
    'Acquire::http::Timeout=10',
    '-o',
    'Acquire::Retries=0',
    '-o',
    'DPkg::Lock::Timeout=60'
  ]
  for (const args of [
    ['update'],
    ['install', '-y', '--no-install-recommends', 'chromium', 'fonts-dejavu-core']
  ]) {
    const { error, status, stderr } = spawnSync('apt-get', [...options, ...args], {
      env,
      timeout: INSTALL_MS,
      encoding: 'utf8'
    })
    if (error !== undefined) return error.message
    if (status !== 0) return `apt-get ${args[0]}: ${stderr.trim().split('\n').at(-1)}`
  }
  return undefined
}

/**
 * The path of a Chromium: that of CHROMIUM, one on the PATH, or Debian's, which is installed.
 *
 * @returns {{ path: string } | { why: string }}
 */
export function findChromium() {
  const { CHROMIUM } = process.env
  if (CHROMIUM) return existsSync(CHROMIUM) ? { path: CHROMIUM } : { why: `there is no ${CHROMIUM}` }
  const found = onPath()
  if (found !== undefined) return { path: found }
  const why = install()
  const installed = why === undefined ? onPath() : undefined
  return installed === undefined ? { why: why ?? 'Debian has none' } : { path: installed }
}

/** How it is started: as root it has no sandbox. */
export const chromiumOptions = path => ({
  executablePath: path,
  args: process.getuid?.() === 0 ? ['--no-sandbox', '--disable-dev-shm-usage'] : []
})
