/** One corpus of programs, compiled with the typings of `aws-kinesis-agg` 4.2.8 and with ours. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { errorsOf, ours, theirs } from '../support/typings'

const programs = readdirSync(join(__dirname, 'programs')).map(name => join(__dirname, 'programs', name))

describe('programs for aws-kinesis-agg', () => {
  it('compile with its own typings', () => {
    expect(programs.length).toBeGreaterThan(2)
    expect(errorsOf(programs, theirs, { skipLibCheck: true })).toEqual([])
  })

  it.each([{}, { exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true }])(
    'compile unchanged with ours, the typings checked in full: %o',
    more => {
      expect(errorsOf(programs, ours, { ...more, skipLibCheck: false })).toEqual([])
    }
  )

  it('compile with ours without @types/node too, if typings are not checked themselves', () => {
    const program = join(__dirname, 'without-node.ts')
    const without = { types: [], typeRoots: [] }
    expect(errorsOf([program], ours, { ...without, skipLibCheck: true })).toEqual([])
    expect(errorsOf([program], ours, { ...without, skipLibCheck: false }).join()).toContain('@types/node')
  })

  it('but one kind: a function that is declared as one of ours needs a cast', () => {
    const program = join(__dirname, 'needs-cast.ts')
    expect(errorsOf([program], theirs, { skipLibCheck: true })).toEqual([])
    expect(errorsOf([program], ours).map(error => error.split(' ')[0])).toEqual([
      'needs-cast.ts:9',
      'needs-cast.ts:10',
      'needs-cast.ts:11'
    ])
  })

  it('would not, if the typings were others', () => {
    const other = join(__dirname, 'aws-sdk.d.ts')
    expect(errorsOf(programs, other)).not.toEqual([])
  })
})
