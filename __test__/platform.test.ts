import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Thrown, thrownBy } from './support/seen'

const root = join(__dirname, '..')
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kinesis-agg-platform-'))
  for (const file of ['index.js', 'binding.js']) copyFileSync(join(root, file), join(folder, file))
})

afterAll(() => rmSync(folder, { recursive: true }))

describe('ERR_UNSUPPORTED_PLATFORM', () => {
  const load = (): Thrown => thrownBy(() => createRequire(join(folder, 'x.js'))(join(folder, 'index.js')))

  it('names the platform, the package to install and the npm command', () => {
    const { platform, arch } = process
    const error = load()
    expect(error).toMatchObject({ name: 'KinesisAggError', code: 'ERR_UNSUPPORTED_PLATFORM' })
    expect(error.message).toContain(`No native binary for ${platform} ${arch}`)
    expect(error.message).toContain(`kinesis-agg-${platform}-${arch}`)
    expect(error.message).toContain(`npm install --os=${platform} --cpu=${arch}`)
  })

  it('keeps the first cause', () => {
    const { cause, message } = load()
    expect(cause).toBeInstanceOf(Error)
    expect((cause as Thrown).code).toBe('MODULE_NOT_FOUND')
    expect(message).toContain((cause as Error).message.split('\n')[0])
  })
})
