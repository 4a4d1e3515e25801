// The inspector's page in a browser. Where there is no Chromium, and none can be installed, it says so and ends well.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findChromium } from './chromium.mjs'

const found = findChromium()
if ('why' in found) {
  console.log(`skipped: the page is not tested in a browser, as there is no Chromium (${found.why})`)
} else {
  const root = join(dirname(fileURLToPath(import.meta.url)), '..')
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const { status } = spawnSync(
    process.execPath,
    [vitest, 'run', '--config', '__test__/page/browser.config.mts', ...process.argv.slice(2)],
    { cwd: root, stdio: 'inherit', env: { ...process.env, CHROMIUM: found.path } }
  )
  process.exitCode = status ?? 1
}
