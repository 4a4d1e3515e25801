/** Exceptions out of callbacks get out to the process, here as in `aws-kinesis-agg` 4.2.8: each program runs with both. */
import { describe, expect, it } from 'vitest'
import { type Outcome, runProgram } from '../support/program'

const run = (name: string, program: string): Outcome =>
  runProgram(
    name,
    `const { aggregate } = pkg
    const record = { partitionKey: 'k', data: 'x' }
    const failingPut = async () => { throw new Error('put failed') }
    ${program}`
  )

const programs: { name: string; program: string; expected: Outcome }[] = [
  {
    name: 'out of errorCallback, called by an async handler that catches',
    program: `aggregate([record], async (encoded, cb) => { try { cb(null, await failingPut()) } catch (e) { cb(e) } },
      () => say('after'), error => { say('error ' + error.message); throw error })`,
    expected: { exit: 1, said: ['error put failed'], failure: 'put failed' }
  },
  {
    name: 'out of errorCallback, called by a handler',
    program: `aggregate([record], (encoded, cb) => cb(new Error('throttled')),
      () => say('after'), error => { say('error ' + error.message); throw error })`,
    expected: { exit: 1, said: ['error throttled'], failure: 'throttled' }
  },
  {
    name: 'out of errorCallback, in a promise chain',
    program: `aggregate([record], (encoded, cb) => { failingPut().then(() => cb(), cb) },
      () => say('after'), error => { throw error })`,
    expected: { exit: 1, said: [], failure: 'put failed' }
  },
  {
    name: 'out of the last callback',
    program: `aggregate([record], (encoded, cb) => cb(), () => { say('after'); throw new Error('in after') }, () => say('error'))`,
    expected: { exit: 1, said: ['after'], failure: 'in after' }
  },
  {
    name: 'out of the last callback, called by an async handler',
    program: `aggregate([record], async (encoded, cb) => { await null; cb() }, () => { throw new Error('in after') }, () => say('error'))`,
    expected: { exit: 1, said: [], failure: 'in after' }
  },
  {
    name: 'none: a handler that calls back later, from async code',
    program: `aggregate([record], async (encoded, cb) => { setTimeout(cb, 20, new Error('throttled')) },
      () => say('after'), error => say('error ' + error.message))`,
    expected: { exit: 0, said: ['error throttled', 'after'], failure: undefined }
  },
  {
    name: 'none: queueSize counts until handlers call back',
    program: `let running = 0; const records = ['a', 'b', 'c'].map(partitionKey => ({ partitionKey, data: Buffer.alloc(600000) }))
      aggregate(records, async (encoded, cb) => { say('running ' + ++running); setTimeout(() => { running--; cb() }, 20) },
      () => say('after'), () => say('error'))`,
    expected: { exit: 0, said: ['running 1', 'running 1', 'running 1', 'after'], failure: undefined }
  },
  {
    name: 'a rejection after the callback was called stays an unhandled rejection',
    program: `aggregate([record], async (encoded, cb) => { cb(); await null; throw new Error('too late') },
      () => say('after'), error => say('error ' + error.message))`,
    expected: { exit: 1, said: ['after'], failure: 'too late' }
  },
  {
    name: 'a rejection before the callback was called is the error of that record',
    program: `aggregate([record], async (encoded, cb) => { throw new Error('too early') },
      () => say('after'), error => say('error ' + error.message))`,
    expected: { exit: 0, said: ['error too early', 'after'], failure: undefined }
  },
  {
    name: 'no errorCallback: what a handler reports',
    program: `aggregate([record], (encoded, cb) => cb(new Error('throttled')), () => say('after'))`,
    expected: { exit: 1, said: [], failure: 'throttled' }
  },
  {
    name: 'no errorCallback, no error',
    program: `aggregate([record], (encoded, cb) => cb(), () => say('after'))`,
    expected: { exit: 0, said: ['after'], failure: undefined }
  },
  {
    name: 'a callback that is called twice',
    program: `aggregate([record], (encoded, cb) => { cb(); setTimeout(cb, 5) }, () => say('after'), () => say('error'))`,
    expected: { exit: 1, said: ['after'], failure: 'Callback was already called.' }
  },
  {
    name: 'none: an async handler that calls back later, without a declared callback',
    program: `aggregate([record], async (...args) => { setTimeout(args[1], 5) }, () => say('after'), () => say('error'))`,
    expected: { exit: 0, said: ['after'], failure: undefined }
  },
  {
    name: 'a callback that is called twice, with an error the second time',
    program: `aggregate([record], (encoded, cb) => { cb(); setTimeout(cb, 5, new Error('late')) }, () => say('after'),
      error => say('error ' + error.message))`,
    expected: { exit: 1, said: ['after', 'error late'], failure: 'Callback was already called.' }
  },
  {
    name: 'none: a fraction as queueSize lets as many handlers run as the next whole number',
    program: `let running = 0, most = 0; const records = ['a', 'b', 'c'].map(partitionKey => ({ partitionKey, data: Buffer.alloc(600000) }))
      aggregate(records, (encoded, cb) => { most = Math.max(most, ++running); setTimeout(() => { running--; cb() }, 20) },
      () => say('most ' + most), () => say('error'), 1.5)`,
    expected: { exit: 0, said: ['most 2'], failure: undefined }
  },
  ...["'2'", '0.5', 'null', 'Infinity', 'undefined'].map(queueSize => ({
    name: `queueSize ${queueSize}`,
    program: `aggregate([record], (encoded, cb) => cb(), () => say('after'), () => say('error'), ${queueSize})`,
    expected: { exit: 0, said: ['after'], failure: undefined }
  }))
]

/** Where 4.2.8 differs: it does not know that a promise rejects, or calls what is no function. */
const differs: Record<string, Partial<Outcome>> = {
  'a rejection before the callback was called is the error of that record': {
    exit: 1,
    said: [],
    failure: 'too early'
  },
  'no errorCallback: what a handler reports': { failure: 'errorCallback is not a function' }
}

describe.each(programs)('$name', ({ name, program, expected }) => {
  it('aws-kinesis-agg', () => {
    expect(run('aws-kinesis-agg', program)).toEqual({ ...expected, ...differs[name] })
  })

  it('kinesis-agg', () => {
    expect(run('kinesis-agg', program)).toEqual(expected)
  })
})
