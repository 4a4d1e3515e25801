/** Deno gives no permission that it is not asked for. (Node.js' own permissions: `__test__/native/loader.test.ts`.) */
import { execFile } from 'node:child_process'
import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, inject, it } from 'vitest'
import { manifest } from '../scripts/platforms.mjs'
import { denoPath } from '../scripts/runtimes.mjs'
import { emptyFolder } from './support/folder'
import { host } from './support/host'

describe.runIf(host.name === 'linux-x64-gnu')('Deno', () => {
  it.each([
    ['--allow-read=. --allow-ffi --allow-env', 'native'],
    ['--allow-read=. --allow-ffi', 'native'],
    ['--allow-read=.', 'wasm'],
    ['', 'wasm']
  ])('%s: %s', async (permissions, codec) => {
    const folder = emptyFolder()
    for (const name of [manifest.name, host.package])
      cpSync(join(inject('packages'), name), join(folder, 'node_modules', name), { recursive: true })
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ dependencies: { [manifest.name]: '*' } }))
    writeFileSync(
      join(folder, 'app.mjs'),
      `import { aggregate, codec, deaggregateSync } from '${manifest.name}'\n` +
        `console.log(codec, deaggregateSync(aggregate([{ partitionKey: 'a', data: 'b' }])).length)\n`
    )
    const { stdout, stderr } = await promisify(execFile)(
      denoPath(),
      ['run', '--no-prompt', ...permissions.split(' ').filter(Boolean), 'app.mjs'],
      { cwd: folder }
    )
    expect(stdout).toBe(`${codec} 1\n`)
    if (codec === 'native') expect(stderr).toBe('')
    else expect(stderr).toContain('because there is no native binary: Requires ffi access to')
  })
})
