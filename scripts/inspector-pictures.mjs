// Takes the pictures of the inspector's page in docs/: light, dark, and a damaged record. Needs a Chromium, as
// `npm run test:inspector` does.
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { chromiumOptions, findChromium } from './chromium.mjs'
import { withPalette } from './png.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const page = pathToFileURL(join(root, 'dist', 'inspector.html')).href
const MAX_BYTES = 150_000

/** Pixels around a part of the page. */
const EDGE = 8

/** The first record of an event, cut off as a log cuts it. */
function damaged() {
  const { Records } = JSON.parse(
    readFileSync(join(root, '__test__', 'fixtures', 'events', 'kinesis.json'), 'utf8')
  )
  return Buffer.from(Records[0].kinesis.data, 'base64').subarray(0, 200).toString('base64')
}

const PICTURES = [
  { name: 'inspector', hash: '', colorScheme: 'light', part: 'main', height: 1250 },
  { name: 'inspector-dark', hash: '', colorScheme: 'dark', part: '#bytes', height: 640 },
  {
    name: 'inspector-damaged',
    hash: `#${encodeURIComponent(damaged())}`,
    colorScheme: 'light',
    part: '#bytes',
    height: 560
  }
]

const found = findChromium()
if ('why' in found) throw new Error(`there is no Chromium: ${found.why}`)
const browser = await chromium.launch(chromiumOptions(found.path))
for (const { name, hash, colorScheme, part, height } of PICTURES) {
  const tab = await browser.newPage({ colorScheme, viewport: { width: 1100, height: 900 } })
  await tab.goto(page + hash)
  await tab.locator('#why p').first().waitFor()
  const box = await tab.locator(part).boundingBox()
  const picture = await tab.screenshot({
    fullPage: true,
    clip: {
      x: box.x - EDGE,
      y: box.y - EDGE,
      width: box.width + 2 * EDGE,
      height: Math.min(box.height, height) + 2 * EDGE
    }
  })
  await tab.close()
  const png = withPalette(picture)
  if (png.length > MAX_BYTES) throw new Error(`${name} has ${png.length} bytes`)
  writeFileSync(join(root, 'docs', `${name}.png`), png)
  console.log(`docs/${name}.png: ${png.length} bytes`)
}
await browser.close()
