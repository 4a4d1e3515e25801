/** Values of the wrong kind, each with what an error says of it. */
import { describe, expect, it } from 'vitest'
import { thrownBy } from './seen'

export type Call = (value: never) => unknown

export const shown: [unknown, string][] = [
  [null, 'null'],
  [5, '5 (a number)'],
  ['text', "'text' (a string)"],
  ['x'.repeat(50), `'${'x'.repeat(40)}…' (a string)`],
  [true, 'true (a boolean)'],
  [7n, '7n (a bigint)'],
  [Symbol('s'), 'a symbol']
]
export const fn = (): void => {}
export const object: [unknown, string] = [{}, 'an object (Object)']
export const date: [unknown, string] = [new Date(0), 'an object (Date)']
export const bare: [unknown, string] = [Object.create(null), 'an object (Object)']
export const array: [unknown, string] = [[], 'an array']
export const func: [unknown, string] = [fn, 'a function']
export const nothing: [unknown, string] = [undefined, 'undefined']

export const without = (kind: string): [unknown, string][] => shown.filter(([value]) => typeof value !== kind)

/** Name, call with a value of the wrong kind, how the message begins, values. */
export type Row = [string, Call, string, [unknown, string][]]

/** Tests that each call is a TypeError that names argument, value and rule. */
export function refuses(table: Row[]): void {
  describe.each(table)('%s', (_, call, start, values) => {
    it.each(values)('%s', (value, got) => {
      const error = thrownBy(() => call(value as never))
      expect(error).toBeInstanceOf(TypeError)
      expect(error.code).toBe('ERR_INVALID_ARG_TYPE')
      expect(error.message.startsWith(start), error.message).toBe(true)
      expect(error.message.endsWith(`, got ${got}`), error.message).toBe(true)
    })
  })
}
