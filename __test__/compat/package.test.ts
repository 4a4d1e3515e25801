/** The package as npm installs it: under both names, by all paths, in both module systems. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as kinesisAgg from 'kinesis-agg'

const root = join(__dirname, '..', '..')
const support = join(__dirname, '..', 'support')
const NAMES = ['kinesis-agg', 'aws-kinesis-agg']
let folder: string

/** Unpacks what `npm pack` makes into node_modules, with the binary that was built here. */
function install(name: string): void {
  const target = join(folder, 'node_modules', name)
  execFileSync('tar', ['-xzf', readdirSync(folder).find(file => file.endsWith('.tgz'))!], { cwd: folder })
  renameSync(join(folder, 'package'), target)
  for (const file of readdirSync(join(root, 'dist')).filter(one => one.endsWith('.node')))
    copyFileSync(join(root, 'dist', file), join(target, 'dist', file))
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kinesis-agg-install-'))
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], {
    cwd: root,
    stdio: 'ignore',
    shell: process.platform === 'win32'
  })
  mkdirSync(join(folder, 'node_modules'))
  for (const name of NAMES) install(name)
  for (const file of ['handler.cjs', 'handler.mjs']) copyFileSync(join(support, file), join(folder, file))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function run(cwd: string, ...args: string[]): string {
  return execFileSync(process.execPath, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

const NO_EVAL = '--disallow-code-generation-from-strings'

describe.each(NAMES)('installed as %s', name => {
  it('a handler written for aws-kinesis-agg prints what it prints there', () => {
    const there = run(support, 'handler.cjs', 'aws-kinesis-agg')
    expect(there).toContain('"promised"')
    expect(run(folder, 'handler.cjs', name)).toBe(there)
    expect(run(folder, NO_EVAL, 'handler.cjs', name)).toBe(there)
  })

  it('ES modules get the names and the default, of the same instance', () => {
    const there = run(support, 'handler.mjs', 'aws-kinesis-agg')
    expect(there).toContain('"partitionKey":"green"')
    expect(run(folder, 'handler.mjs', name)).toBe(there)
    expect(run(folder, NO_EVAL, 'handler.mjs', name)).toBe(there)
  })

  it('static imports find every name', () => {
    const names = Object.keys(kinesisAgg).filter(one => one !== 'default' && one !== 'module.exports')
    const code =
      `import agg, { ${names.join(', ')} } from '${name}'\n` +
      `import { createRequire } from 'node:module'\n` +
      `const all = createRequire(process.cwd() + '/x.js')('${name}')\n` +
      `console.log([${names.join(', ')}].every((one, i) => one === all[${JSON.stringify(names)}[i]]), agg === all)`
    expect(run(folder, '--input-type=module', '-e', code)).toBe('true true\n')
  })

  it.each([
    ['', ['aggregate', 'deaggregate', 'deaggregateSync', 'RecordAggregator']],
    ['/index', ['aggregate', 'deaggregate', 'deaggregateSync', 'RecordAggregator']],
    ['/index.js', ['aggregate', 'deaggregate', 'deaggregateSync', 'RecordAggregator']],
    ...['', '.js'].flatMap(
      end =>
        [
          [`/lib/kpl-agg${end}`, ['aggregate', 'RecordAggregator']],
          [`/kpl-agg${end}`, ['aggregate', 'RecordAggregator']],
          [`/lib/kpl-deagg${end}`, ['deaggregate', 'deaggregateSync']],
          [`/kpl-deagg${end}`, ['deaggregate', 'deaggregateSync']],
          [
            `/lib/common${end}`,
            ['magic', 'AggregatedRecord', 'loadBuilder', 'KplVersion', 'debug', 'magicNumber']
          ],
          [`/common${end}`, ['randomPartitionKey', 'v2FormatToV3Format', 'v3FormatToV2Format']]
        ] as [string, string[]][]
    )
  ])('%s is there', (path, names) => {
    const require = createRequire(join(folder, 'x.js'))
    expect(Object.keys(require(name + path))).toEqual(expect.arrayContaining(names))
  })

  it('RecordAggregator is one class by every path', () => {
    const require = createRequire(join(folder, 'x.js'))
    const { RecordAggregator } = require(name)
    for (const path of ['kpl-agg', 'kpl-agg.js', 'lib/kpl-agg', 'lib/kpl-agg.js'])
      expect(require(`${name}/${path}`).RecordAggregator).toBe(RecordAggregator)
  })

  it.each(['RecordAggregator', 'RecordAggregator.js', 'lib/RecordAggregator'])(
    '/%s, whose users have the API of 2.x and 3.x, is refused when it is loaded',
    path => {
      const require = createRequire(join(folder, 'x.js'))
      expect(() => require(`${name}/${path}`)).toThrow(
        expect.objectContaining({ code: 'ERR_PACKAGE_PATH_NOT_EXPORTED' })
      )
    }
  )

  it('/package.json is there', () => {
    const require = createRequire(join(folder, 'x.js'))
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(require(`${name}/package.json`)).toMatchObject({ name: 'kinesis-agg', version })
  })
})
