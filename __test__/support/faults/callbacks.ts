/** Checks of the cases about the callbacks of `aws-kinesis-agg`, and of its typings. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type EncodedRecord, RecordAggregator, deaggregateSync } from 'kinesis-agg'
import { runProgram } from '../program'
import { errorsOf, ours } from '../typings'
import type { Check, Fault } from './fault'

const root = join(__dirname, '..', '..', '..')

function compiles({ input }: Fault): void {
  // Inside of the repository: the program imports from its node_modules.
  const folder = mkdtempSync(join(root, 'dist', 'program-'))
  const file = join(folder, 'program.ts')
  writeFileSync(file, String(input))
  try {
    expect(errorsOf([file], ours)).toEqual([])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const programs = (program: string, expected: object): void => {
  for (const name of ['aws-kinesis-agg', 'kinesis-agg']) {
    const outcome = runProgram(
      name,
      `const { aggregate } = pkg
      const record = { partitionKey: 'k', data: 'x' }
      ${program}`
    )
    expect(outcome, name).toMatchObject(expected)
  }
}

const keysOf = (encoded: EncodedRecord | undefined): string[] =>
  deaggregateSync(encoded!).map(({ partitionKey }) => partitionKey)

export const callbacks: Record<string, Check> = {
  'types-user-record': compiles,
  'types-callbacks': compiles,

  'callback-throw-swallowed'() {
    programs(
      `const failingPut = async () => { throw new Error('put failed') }
      aggregate([record], async (encoded, cb) => { try { cb(null, await failingPut()) } catch (e) { cb(e) } },
        () => say('after'), error => { say('error'); throw error })`,
      { exit: 1, said: ['error'], failure: 'put failed' }
    )
  },

  'async-handler-calls-back-later'() {
    programs(
      `aggregate([record], async (encoded, cb) => { setTimeout(cb, 20, new Error('throttled')) },
        () => say('after'), error => say(error.message))`,
      { exit: 0, said: ['throttled', 'after'] }
    )
  },

  'left-out-arguments'() {
    const handler = "(encoded, cb) => { say('handler'); cb() }, () => say('after')"
    programs(`aggregate([record], ${handler})`, { exit: 0, said: ['handler', 'after'] })
    for (const queueSize of ["'2'", 'null', 'Infinity'])
      programs(`aggregate([record], ${handler}, undefined, ${queueSize})`, {
        exit: 0,
        said: ['handler', 'after']
      })
  },

  'on-ready-throws'({ expected }) {
    const aggregator = new RecordAggregator()
    aggregator.addUserRecord({ partitionKey: 'a', data: '1' })
    expect(() =>
      aggregator.flushBufferedRecords(() => {
        throw new Error('put failed')
      })
    ).toThrow('put failed')
    expect(aggregator.length()).toBe(expected)
    expect(keysOf(aggregator.build())).toEqual(['a'])
  },

  'aggregate-records-without-callback'() {
    const aggregator = new RecordAggregator()
    const given = ['1', '2'].map(partitionKey => ({ partitionKey, data: 'x' }))
    expect(() => aggregator.aggregateRecords(given, true)).toThrow(TypeError)
    const keys: string[] = []
    aggregator.aggregateRecords(given, true, (_, encoded) => keys.push(...keysOf(encoded)))
    expect(keys).toEqual(['1', '2'])
  }
}
