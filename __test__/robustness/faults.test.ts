/** Every case of `fixtures/faults.json`: faults that the package had once, of which none may come back. */
import { expect, it } from 'vitest'
import faults from '../fixtures/faults.json'
import { callbacks } from '../support/faults/callbacks'
import { events } from '../support/faults/events'
import type { Check } from '../support/faults/fault'
import { installed } from '../support/faults/installed'
import { records } from '../support/faults/records'

const checks: Record<string, Check> = { ...records, ...callbacks, ...events, ...installed }

it('each case has a check, and each check a case', () => {
  expect(Object.keys(checks).toSorted()).toEqual(faults.map(({ id }) => id).toSorted())
})

it.each(faults)('$id', async fault => {
  await checks[fault.id]!(fault)
})
