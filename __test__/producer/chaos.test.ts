/** Random runs with mocked time. `CHAOS_SEED=7 npx vitest run __test__/producer/chaos.test.ts` repeats one. */
import { expect, it, onTestFinished } from 'vitest'
import { Clock } from './support/clock'
import { chaos } from './support/chaos'
import { Endpoint } from './support/endpoint'

/** The same ones each time: a change must not fail by what it did not change. `npm run chaos` has new ones. */
const RUNS = Number(process.env['CHAOS_RUNS'] ?? 12)
const seeds =
  process.env['CHAOS_SEED'] === undefined
    ? Array.from({ length: RUNS }, (_, i) => i + 1)
    : [Number(process.env['CHAOS_SEED'])]

it.each(seeds)('seed %i: no promise is broken', async seed => {
  const endpoint = new Endpoint()
  const clock = new Clock(endpoint)
  const { random } = Math
  onTestFinished(() => {
    clock.stop()
    Math.random = random
  })
  const verbose = process.env['CHAOS_SEED'] !== undefined
  const report = await chaos({
    seed,
    ms: 10_000,
    endpoint,
    client: endpoint.inProcessClient({ maxAttempts: 1 }),
    pass: ms => clock.run(ms),
    ...(verbose && { log: what => console.log(`${clock.now} ms: ${what}`) })
  })
  if (verbose) console.dir(report, { depth: 6 })
  expect(report.violations.slice(0, 10), `CHAOS_SEED=${seed} ${JSON.stringify(report.options)}`).toEqual([])
  expect(report.accepted).toBeGreaterThan(500)
})
