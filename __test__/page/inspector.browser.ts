/** The page in a browser, opened from disk. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { type Browser, type BrowserContext, type Page, chromium } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { aggregate } from 'kinesis-agg'
import { chromiumOptions } from '../../scripts/chromium.mjs'
import { EXAMPLE_SHARDS } from '../../src-js/inspector/example'
import { toGiven, writeGiven } from '../../src-js/inputs/given'
import { aggregated, base64, run } from '../support/cli'
import { field, seal } from '../support/wire'

const file = join(__dirname, '..', '..', 'dist', 'inspector.html')
const address = pathToFileURL(file).href

let browser: Browser
let context: BrowserContext
let page: Page
let folder: string
/** Exceptions, messages of the console, dialogs, and requests for anything but the page. */
const complaints: string[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kinesis-agg-page-'))
  browser = await chromium.launch(chromiumOptions(process.env['CHROMIUM']!))
  context = await browser.newContext({ acceptDownloads: true })
  page = await context.newPage()
  page.on('pageerror', error => complaints.push(String(error)))
  page.on('console', message => complaints.push(message.text()))
  page.on('dialog', dialog => {
    complaints.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('request', request => {
    if (!/^(?:file|blob|about):/.test(request.url())) complaints.push(request.url())
  })
})
afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true })
})

beforeEach(async () => {
  await page.setViewportSize({ width: 1280, height: 900 })
  await page.emulateMedia({ colorScheme: 'light' })
})
afterEach(async () => {
  // Another address behind # alone would not open the page again.
  await page.goto('about:blank')
  expect(complaints.splice(0)).toEqual([])
})

/** Waits for something; the page's policy forbids the browser's own way, which evaluates text. */
const until = (condition: () => Promise<boolean>) =>
  vi.waitUntil(condition, { timeout: 25_000, interval: 20 })

const sentence = () => page.locator('#sentence').innerText()

/** Opens the page, and waits until it has read its input. */
async function open(url = address): Promise<void> {
  await page.goto(url)
  await until(async () => !(await sentence()).includes('Loading'))
}

/** Waits until the sentence is one like this. */
const said = (words: RegExp) => until(async () => words.test(await sentence()))

async function paste(text: string, words: RegExp): Promise<void> {
  await page.locator('#input').fill(text)
  await said(words)
}

const rows = () => page.locator('#user-grid [role=rowgroup] [role=row]')
const cells = (name: string) => page.locator(`#user-grid .body .cell.${name}`).allTextContents()
const detail = () => page.locator('#detail')

it('shows an example at first, with the reason why KCL drops it', async () => {
  await open()
  expect(await sentence()).toBe(
    'Aggregated (KPL format): 7 user records, 558 bytes, checksum good; KCL would drop all of them: record 5 belongs to another shard.'
  )
  expect(await page.locator('#why').innerText()).toContain('User record 5'.toLowerCase())
  expect(await cells('position')).toEqual(['0', '1', '2', '3', '4', '5', '6'])
  expect(await cells('shard')).toEqual(['…0', '…0', '…0', '…0', '…0', '…1 (other)', '…0'])
  expect(await detail().locator('h3').innerText()).toBe('User record 5')
  expect(await page.locator('#user-grid [aria-selected=true] .position').innerText()).toBe('5')
})

describe('inputs', () => {
  const fixture = (name: string) =>
    readFileSync(join(__dirname, '..', 'fixtures', 'events', `${name}.json`), 'utf8')
  const unknown =
    /^Aggregated \(KPL format\): 3 user records, .*unknown until you paste ListShards' answer\.$/

  it('pasted: base64, hexadecimal and JSON; the shards of the example are forgotten', async () => {
    await open()
    await paste(base64, unknown)
    expect(await page.locator('#shards').inputValue()).toBe('')
    await paste('', /^There is no record in it\.$/)
    await paste(aggregated.toString('hex'), unknown)
    await paste(
      fixture('kinesis'),
      /^3 Kinesis records \(2 aggregated in the KPL format, 1 plain\), 6 user records, /
    )
    await paste(fixture('firehose'), /, 1 damaged; /)
  })

  it('chosen: a file of bytes', async () => {
    const path = join(folder, 'record.bin')
    writeFileSync(path, aggregated)
    await open()
    await page.locator('#file').setInputFiles(path)
    await said(unknown)
    expect(await page.locator('#source').innerText()).toMatch(/^record\.bin, \d+ bytes$/)
    expect(await page.locator('#input').inputValue()).toBe('')
  })

  it('dropped: a file, and text', async () => {
    await open()
    const drop = (make: string) =>
      page.evaluate(`{
        const transfer = new DataTransfer()
        ${make}
        document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }))
      }`)
    await drop(`transfer.items.add(new File(['${base64}'], 'dropped.b64'))`)
    await said(unknown)
    await drop('transfer.setData(\'text/plain\', \'{"Data":"eA=="}\')')
    await said(/^Plain record, not aggregated: 1 byte; KCL hands it out as it is\.$/)
  })

  it('in the address, as it stands or escaped, and another one there later', async () => {
    await open(`${address}#${base64}`)
    await said(unknown)
    expect(await page.locator('#shards').inputValue()).toBe('')
    await page.evaluate(`location.hash = ${JSON.stringify(`#${encodeURIComponent('{"Data":"eA=="}')}`)}`)
    await said(/^Plain record/)
  })

  it('in the page, as the command writes it', async () => {
    const path = join(folder, 'page.html')
    expect((await run(['inspect', '--out', path], fixture('get-records'))).code).toBe(0)
    await open(pathToFileURL(path).href)
    await said(/^3 Kinesis records/)
    expect(await page.locator('#source').innerText()).toMatch(/^standard input, /)
  })

  it('what cannot be read has the words of the command, and the place', async () => {
    await open()
    await paste(`${base64}\nno base64!\n`, /, 1 damaged; /)
    expect(await page.locator('#record-grid').innerText()).toContain(
      `This cannot be read: record 2 at byte ${base64.length + 1}: the line is not base64.`
    )
    await paste('{"Data":', /^This cannot be read: record 1 at byte 0: the input ends inside a record\.$/)
    await page.locator('#file').setInputFiles({ name: 'a.gz', mimeType: '', buffer: gzipSync('x') })
    await said(/^Nothing can be read: the input is gzip: pipe it through "gunzip -c" first\.$/)
  })
})

describe('shards', () => {
  const line = (users: { partitionKey: string; data: string }[], more: object = {}): string =>
    `${JSON.stringify({ Data: aggregate(users)[0]!.data.toString('base64'), ...more })}\n`
  const low = [
    { partitionKey: 'boiler-0', data: 'a' },
    { partitionKey: 'boiler-2', data: 'b' }
  ]

  it('pasted, wrong ones, and the one that the reader chooses', async () => {
    await open()
    await paste(line(low), /unknown until you paste ListShards' answer\.$/)
    expect(await page.locator('#read-from-row').isVisible()).toBe(false)
    await page.locator('#shards').fill('{"Shards":[]}')
    await page.getByText("This is not ListShards' answer: Invalid shards: there is no open shard").waitFor()
    await page.locator('#shards').fill(EXAMPLE_SHARDS)
    await said(
      /KCL would hand out all of them if they were read from shardId-000000000000, and else drop all\.$/
    )
    await page.getByLabel('The record was read from').selectOption('shardId-000000000001')
    await said(/KCL would drop all of them: records 0 and 1 belong to another shard\.$/)
    await page.getByLabel('The record was read from').selectOption('shardId-000000000000')
    await said(/KCL would hand out all of them: all belong to shardId-000000000000, where they were read\.$/)
    await paste(line(low, { ShardId: 'shardId-000000000001' }), /records 0 and 1 belong to another shard\.$/)
    expect(await page.locator('#read-from-row').isVisible()).toBe(false)
  })
})

it('one of several records is chosen with the keyboard, and its bytes are shown', async () => {
  await open()
  await paste(`${base64}\neA==\n${base64}\n`, /^3 Kinesis records/)
  expect(await page.locator('#bytes').isVisible()).toBe(false)
  expect(await cells('number')).toEqual(['1', '1', '1', '2', '3', '3', '3'])
  const grid = page.getByRole('grid', { name: 'Kinesis records of the input' })
  await grid.focus()
  await page.keyboard.press('ArrowDown')
  expect(await cells('position')).toEqual(['0', '1', '2'])
  expect(await page.locator('#bytes').isVisible()).toBe(true)
  await page.keyboard.press('End')
  expect(await page.locator('#record-grid [aria-selected=true] .number').innerText()).toBe('3')
  await page.keyboard.press('Home')
  expect(await page.locator('#bytes').isVisible()).toBe(false)
})

describe('user records', () => {
  it('are walked through with the keyboard; Enter goes to the chosen one', async () => {
    await open()
    const grid = page.getByRole('grid', { name: 'User records' })
    await grid.focus()
    await page.keyboard.press('Home')
    expect(await grid.getAttribute('aria-activedescendant')).toBe('user-grid-0')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('User record 3')
    expect(await detail().locator('pre').innerText()).toBe('restarted by hand')
  })

  it('have their data in each form', async () => {
    await open()
    await rows().nth(0).click()
    expect(await detail().locator('.json-leaf').allInnerTexts()).toEqual([
      '"device": "boiler-0"',
      '"temperature": 81.5',
      '"bar": 2.4',
      '"alarm": false'
    ])
    await detail().getByRole('button', { name: 'Text' }).click()
    expect(await detail().locator('pre').innerText()).toBe(
      '{"device":"boiler-0","temperature":81.5,"pressure":{"bar":2.4,"alarm":false}}'
    )
    await detail().getByRole('button', { name: 'Hex' }).click()
    await detail().locator('.hexdump .line').first().waitFor()
    expect(await detail().locator('.hexdump .hex').first().innerText()).toMatch(/^7b 22 64 65/)
    await rows().nth(6).click()
    expect(await detail().locator('.forms button').allInnerTexts()).toEqual(['Hex'])
    await rows().nth(4).click()
    await detail().getByText('"message": "valve 3 opened"').waitFor()
    expect(await detail().innerText()).toMatch(/gzip: 141 bytes, opened \d+ bytes\n/)
  })

  it('gzip that holds much is opened in part; gzip that is damaged says so', async () => {
    const users = [gzipSync(Buffer.alloc(40_000_000)), gzipSync('abc').subarray(0, 12)].map(data => ({
      partitionKey: 'a',
      data
    }))
    await open()
    await paste(aggregate(users)[0]!.data.toString('base64'), /2 user records/)
    await detail().getByText('opened 4.2 MB; it holds more, which is not opened').waitFor()
    await rows().nth(1).click()
    await detail().getByText('The data is gzip that cannot be opened').waitFor()
  })

  it('are searched, and saved as they are found', async () => {
    await open()
    await page.getByLabel('Search in keys and data').fill('PUMP')
    await page.locator('#found').getByText('1 of 7 user records').waitFor()
    expect(await cells('key')).toEqual(['pump-0'])
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#save').click()])
    expect(download.suggestedFilename()).toBe('user-records.ndjson')
    const path = join(folder, 'saved.ndjson')
    await download.saveAs(path)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
      shardId: 'shardId-000000000000',
      sequenceNumber: '49657012345678901234567890123456789012345678900000000001',
      subSequenceNumber: 5,
      aggregated: true,
      partitionKey: 'pump-0',
      explicitHashKey: null,
      size: 38,
      data: '{"device":"pump-0","temperature":20.5}'
    })
    await page.getByLabel('Search in keys and data').fill('nothing like that')
    await page.locator('#found').getByText('0 of 7 user records').waitFor()
    expect(await page.locator('#save').isDisabled()).toBe(true)
  })

  it('10,000 of them: only those in sight are in the page, from the first to the last', async () => {
    const users = Array.from({ length: 10_000 }, (_, i) => ({
      partitionKey: `key-${i % 500}`,
      data: `{"n":${i}}`
    }))
    await open()
    const path = join(folder, 'many.bin')
    writeFileSync(path, aggregate(users)[0]!.data)
    await page.locator('#file').setInputFiles(path)
    await said(/^Aggregated \(KPL format\): 10,000 user records, /)
    expect(await rows().count()).toBeLessThan(60)
    const grid = page.getByRole('grid', { name: 'User records' })
    expect(await grid.getAttribute('aria-rowcount')).toBe('10001')
    await grid.focus()
    await page.keyboard.press('End')
    expect(await detail().locator('h3').innerText()).toBe('User record 9999')
    expect((await cells('position')).at(-1)).toBe('9999')
    await page.evaluate("document.querySelector('#user-grid').scrollTop = 140000")
    await until(async () => (await cells('position')).includes('5003'))
    expect(await rows().count()).toBeLessThan(60)
  })

  it('a list longer than a browser draws has its last row all the same', async () => {
    await open()
    const one = field(3, Buffer.concat([Buffer.from([0x08, 0]), field(3, '')]))
    const path = join(folder, 'long.bin')
    writeFileSync(path, seal(Buffer.concat([field(1, 'k'), Buffer.alloc(400_000 * one.length, one)])))
    await page.locator('#file').setInputFiles(path)
    await said(/^Aggregated \(KPL format\): 400,000 user records/)
    const grid = page.getByRole('grid', { name: 'User records' })
    await grid.focus()
    await page.keyboard.press('End')
    expect((await cells('position')).at(-1)).toBe('399999')
    await page.evaluate("document.querySelector('#user-grid').scrollTop = 0")
    await until(async () => (await cells('position'))[0] === '0')
  })
})

describe('the bytes', () => {
  it('are coloured by what they are, and counted', async () => {
    await open()
    expect(await page.locator('#costs tr').allInnerTexts()).toEqual([
      expect.stringMatching(/^Magic\t\t4\t0\.7 %/),
      expect.stringMatching(/^Partition keys\t6\t54\t9\.7 %/),
      expect.stringMatching(/^Explicit hash keys\t1\t4\t0\.7 %/),
      expect.stringMatching(/^Data\t7\t434\t77\.8 %/),
      expect.stringMatching(/^Around the data\t7\t46\t8\.2 %/),
      expect.stringMatching(/^Checksum\t\t16\t2\.9 %/)
    ])
    expect(await page.getByRole('img').getAttribute('aria-label')).toBe(
      '558 bytes: Magic 4, Partition keys 54, Explicit hash keys 4, Data 434, Around the data 46, Checksum 16'
    )
    expect(await page.locator('#dump .k-magic').innerText()).toBe('f3 89 9a c2 ')
    await page.getByRole('button', { name: 'Checksum' }).click()
    await page.locator('#dump .k-md5').first().waitFor()
    await page.getByRole('button', { name: 'Show its bytes' }).click()
    await page.locator('#dump [title="user record 5: around the data"]').first().waitFor()
  })

  it('damage is named, with both checksums and the byte', async () => {
    const bytes = Buffer.from(aggregated)
    bytes[30]! ^= 1
    await open()
    await paste(bytes.toString('base64'), /^Damaged, aggregated .* checksum wrong.*ERR_INVALID_CHECKSUM/)
    const damage = await page.locator('#damage').innerText()
    expect(damage).toContain(bytes.subarray(-16).toString('hex'))
    expect(damage).toContain('(another: bytes are damaged)')
    await paste(aggregated.subarray(0, 60).toString('hex'), /^Damaged.* 60 bytes.*cannot be read at byte \d+/)
    const [, at] = /at byte (\d+)/.exec(await sentence())!
    expect(await page.locator('#damage').innerText()).toMatch(
      new RegExp(`byte ${at} of 60 bytes: ERR_MALFORMED_RECORD: Malformed aggregated record: `)
    )
    expect((await page.locator('#dump .fault').innerText()).trim()).toBe(
      aggregated.subarray(Number(at), Number(at) + 1).toString('hex')
    )
    expect(await page.locator('#strip .mark').count()).toBe(1)
  })
})

it('a hostile record is text, whatever it says', async () => {
  const evil = '<img src=x onerror=alert(1)><script>alert(2)</script>\u202e</textarea>"><svg onload=alert(3)>'
  const users = [
    { partitionKey: evil, data: JSON.stringify({ [evil]: evil, __proto__: 1 }) },
    { partitionKey: '__proto__', data: evil }
  ]
  const input = JSON.stringify({
    ShardId: evil,
    SequenceNumber: evil,
    PartitionKey: evil,
    Data: aggregate(users)[0]!.data.toString('base64')
  })
  const path = join(folder, 'hostile.html')
  writeFileSync(
    path,
    writeGiven(
      readFileSync(file, 'utf8'),
      toGiven(evil, Buffer.from(`${input}\n{"Data":"${evil.slice(0, 20)}"}\n`))
    )
  )
  await open(pathToFileURL(path).href)
  const before = await page.locator('script').count()
  await said(/^2 Kinesis records|^1 Kinesis record/)
  await page.locator('#shards').fill(evil)
  await page.locator('#shards-problem').getByText("not ListShards' answer").waitFor()
  await page
    .locator('#shards')
    .fill(EXAMPLE_SHARDS.replaceAll('shardId-000000000001', evil.replaceAll('"', '\\"')))
  await until(async () => (await page.locator('#read-from option').count()) === 3)
  for (const row of [0, 1]) {
    await rows().nth(row).click()
    for (const button of await detail().locator('.forms button').all()) await button.click()
  }
  expect(await page.locator('script').count()).toBe(before)
  expect(await page.locator('main img, main [onload], main [onerror], main script').count()).toBe(0)
  expect(await cells('key')).toEqual([evil.replace('\u202e', '\\u{202e}'), '__proto__'])
  expect(await page.locator('body').innerText()).not.toContain('\u202e')
})

it('the sentence is copied', async () => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await open()
  await page.getByRole('button', { name: 'Copy this sentence' }).click()
  await page
    .locator('#copied')
    .getByText(/Copied|Selected/)
    .waitFor()
  const copied = await page.evaluate('getSelection().toString() || navigator.clipboard.readText()')
  expect(copied).toBe(await sentence())
})

describe('every window and taste', () => {
  it.each([360, 768, 1600])('nothing is wider than a window of %d', async width => {
    await page.setViewportSize({ width, height: 800 })
    await open()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
  })

  it.each(['light', 'dark'] as const)('%s: text stands out from its ground', async colorScheme => {
    await page.emulateMedia({ colorScheme })
    await open()
    const contrasts = (await page.evaluate(`(() => {
      const light = text => {
        const [r, g, b] = text.match(/[\\d.]+/g).map(Number).map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b
      }
      const ground = element => {
        const color = getComputedStyle(element).backgroundColor
        return color === 'rgba(0, 0, 0, 0)' && element.parentElement ? ground(element.parentElement) : color
      }
      return [...document.querySelectorAll('main *')]
        .filter(element => [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()) && element.checkVisibility() && element.tagName !== 'OPTION')
        .map(element => {
          const [a, b] = [light(getComputedStyle(element).color), light(ground(element))].sort((x, y) => y - x)
          return [(a + 0.05) / (b + 0.05), element.tagName + '.' + element.className]
        })
        .filter(([contrast]) => contrast < 4.5)
    })()`)) as [number, string][]
    expect(contrasts).toEqual([])
  })

  it('every control has a name', async () => {
    await open()
    const controls = await page.locator('button, input, textarea, select, [role=grid], [role=region]').all()
    expect(controls.length).toBeGreaterThan(10)
    const tree = await page.locator('body').ariaSnapshot()
    expect(tree).not.toMatch(/- (?:button|textbox|searchbox|combobox|grid|region)(?:$|:)/m)
  })
})
