// Takes the pictures of the inspector's page in docs/: light, dark, and a damaged record. Needs a Chromium, as
// `npm run test:inspector` does.
import { readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { chromiumOptions, findChromium } from './chromium.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const page = pathToFileURL(join(root, 'dist', 'inspector.html')).href
const MAX_BYTES = 150_000

/** The first record of an event, cut off as a log cuts it. */
function damaged() {
  const { Records } = JSON.parse(
    readFileSync(join(root, '__test__', 'fixtures', 'events', 'kinesis.json'), 'utf8')
  )
  return Buffer.from(Records[0].kinesis.data, 'base64').subarray(0, 200).toString('base64')
}

const PICTURES = [
  { name: 'inspector', hash: '', colorScheme: 'light', part: 'main', height: 1030 },
  { name: 'inspector-dark', hash: '', colorScheme: 'dark', part: '#bytes', height: 760 },
  {
    name: 'inspector-damaged',
    hash: `#${encodeURIComponent(damaged())}`,
    colorScheme: 'light',
    part: 'main',
    height: 400
  }
]

const found = findChromium()
if ('why' in found) throw new Error(`there is no Chromium: ${found.why}`)
const browser = await chromium.launch(chromiumOptions(found.path))
for (const { name, hash, colorScheme, part, height } of PICTURES) {
  const tab = await browser.newPage({ colorScheme, viewport: { width: 1100, height: 900 } })
  await tab.goto(page + hash)
  await tab.locator('#why p').first().waitFor()
  const path = join(root, 'docs', `${name}.png`)
  const box = await tab.locator(part).boundingBox()
  await tab.screenshot({ path, fullPage: true, clip: { ...box, height: Math.min(box.height, height) } })
  await tab.close()
  const { size } = statSync(path)
  if (size > MAX_BYTES) throw new Error(`${path} has ${size} bytes`)
  console.log(`${path}: ${size} bytes`)
}
await browser.close()
