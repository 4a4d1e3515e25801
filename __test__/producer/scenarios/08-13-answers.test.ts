import { expect, it } from 'vitest'
import { Random } from '../../support/random'
import { type Entry, json, refusal } from '../support/endpoint'
import { altered, inTurn, page } from '../support/faults'
import { putSteadily, startScenario } from '../support/scenario'

it('8: 30 % of the answers are dropped after storing: all fulfilled, each repeat has maybeDuplicated, only whole blocks', async () => {
  const scenario = await startScenario({ streams: { s: { shards: 4 } } })
  const { endpoint, ledger } = scenario
  const random = new Random(8)
  const dropped = { count: 0 }
  endpoint.faults['PutRecords'] = async (_, store) => {
    const answer = await store()
    if (random.below(10) >= 3) return answer
    dropped.count++
    return 'drop'
  }
  // A slow machine makes fewer requests of it.
  do await putSteadily(scenario, { perSecond: 1500, forMs: 2000, keys: 50, bytes: 100 })
  while (dropped.count <= 3)
  await ledger.settled()

  const verdict = scenario.verdict()
  expect(verdict.violations).toEqual([])
  expect(ledger.of('fulfilled')).toHaveLength(ledger.entries.length)
  expect(verdict.repeated).toBeGreaterThan(0)
})

/** Puts 500 records of as many keys; one request takes them all, since no shard of the 8 gets more than its pace allows. */
async function fiveHundred(guilty: (i: number) => object | undefined, settings: object = {}) {
  const streams = { s: { shards: 8 } }
  const scenario = await startScenario({ streams, aggregation: false, lingerMs: 200, ...settings })
  for (let i = 0; i < 500; i++) void scenario.ledger.put(scenario.producer, `key-${i}`, guilty(i) ?? {})
  return scenario
}

const guiltyOf = ({ entries }: { entries: { id: number; fate: string }[] }): number[] =>
  entries.filter(({ fate }) => fate === 'rejected').map(({ id }) => id)

it('12: poison of over 1 MiB, maxRecordBytes set too high, an error that names nothing: exactly the guilty fails', async () => {
  const tooLarge = ({ input }: { input: { Records?: Entry[] } }) =>
    input.Records!.some(({ Data }) => Data.length > 1 << 20)
      ? refusal('InvalidArgumentException', 'Something in this request is too large.')
      : undefined
  const scenario = await fiveHundred(i => (i === 123 ? { bytes: (1 << 20) + 5000 } : undefined), {
    maxRecordBytes: 10 << 20
  })
  scenario.endpoint.faults['PutRecords'] = tooLarge
  await scenario.ledger.settled()

  const verdict = scenario.verdict()
  expect(verdict.violations).toEqual([])
  expect(guiltyOf(scenario.ledger)).toEqual([123])
  expect(scenario.ledger.codes()).toEqual({ ERR_PUT_REJECTED: 1 })
  expect(scenario.ledger.entries[123]!.error).toMatchObject({ maybeStored: false })
  expect(verdict.sightings).toHaveLength(499)
  expect(scenario.endpoint.puts.length).toBeLessThanOrEqual(8)
})

it('12: poison of ordinary size, an error that names nothing: halves find it, in about 2 × log2(500) requests', async () => {
  const scenario = await fiveHundred(() => undefined)
  scenario.endpoint.faults['PutRecords'] = ({ input }) =>
    input.Records!.some(({ Data }) => ['77:', '400:'].includes(String(Data)))
      ? refusal('InvalidArgumentException', 'Something in this request is wrong.')
      : undefined
  await scenario.ledger.settled()

  const verdict = scenario.verdict()
  expect(verdict.violations).toEqual([])
  expect(guiltyOf(scenario.ledger)).toEqual([77, 400])
  expect(scenario.ledger.codes()).toEqual({ ERR_PUT_REJECTED: 2 })
  expect(verdict.sightings).toHaveLength(498)
  expect(scenario.endpoint.puts.length).toBeLessThanOrEqual(2 * 2 * 10)
})

it('12: an error that names records.N: exactly those fail, all others are stored once', async () => {
  const scenario = await fiveHundred(() => undefined)
  scenario.endpoint.faults['PutRecords'] = ({ input }) => {
    const named = input.Records!.flatMap(({ Data }, i) =>
      ['5:', '250:', '499:'].includes(String(Data)) ? [`records.${i + 1}.member.data`] : []
    )
    return named.length === 0
      ? undefined
      : refusal(
          'ValidationException',
          `${named.length} validation errors detected: ${named.map(at => `Value at '${at}' failed to satisfy constraint`).join('; ')}`
        )
  }
  await scenario.ledger.settled()

  const verdict = scenario.verdict()
  expect(verdict.violations).toEqual([])
  expect(guiltyOf(scenario.ledger)).toEqual([5, 250, 499])
  expect(scenario.ledger.codes()).toEqual({ ERR_PUT_REJECTED: 3 })
  expect(verdict.sightings).toHaveLength(497)
  expect(scenario.endpoint.puts.length).toBeLessThanOrEqual(3)
})

it.each([
  ['with 3 of 5 results', altered(body => ({ ...body, Records: body.Records.slice(0, 3) }))],
  ['with too many results', altered(body => ({ ...body, Records: [...body.Records, ...body.Records] }))],
  ['with no results', altered(body => ({ ...body, Records: [] }))],
  ['without Records', altered(() => ({ FailedRecordCount: 0 }))],
  ['with null for Records', altered(body => ({ ...body, Records: null }))],
  ['with garbage', page(200)],
  ['with an empty body', { status: 200, body: '' }],
  ['with results that say nothing', altered(body => ({ ...body, Records: body.Records.map(() => ({})) }))],
  ['with nulls for results', altered(body => ({ ...body, Records: body.Records.map(() => null) }))]
])('13: 200 %s: no record is fulfilled without a sequence number of its own', async (_, wrong) => {
  const scenario = await startScenario({ aggregation: false, lingerMs: 20 })
  const { endpoint, producer, ledger } = scenario
  endpoint.faults['PutRecords'] = inTurn(typeof wrong === 'function' ? wrong : () => wrong)
  for (let i = 0; i < 5; i++) void ledger.put(producer, `key-${i}`)
  await ledger.settled()

  expect(scenario.verdict().violations).toEqual([])
  expect(ledger.of('fulfilled')).toHaveLength(5)
  expect(endpoint.puts.length).toBeGreaterThan(1)
  const sequenceNumbers = ledger.entries.map(({ result }) => result!.sequenceNumber)
  expect(new Set(sequenceNumbers).size).toBe(5)
  expect(sequenceNumbers.every(number => /^\d+$/.test(number))).toBe(true)
  // Nothing is matched by position: what the wrong answer was about is put again, and says so.
  expect(ledger.entries.filter(({ result }) => result!.maybeDuplicated)).toHaveLength(5)
})

it('13: three answers in a row that say nothing: ERR_PUT_REJECTED with maybeStored', async () => {
  const scenario = await startScenario({ aggregation: false, lingerMs: 20 })
  const { endpoint, producer, ledger } = scenario
  endpoint.faults['PutRecords'] = (_, store) =>
    store().then(() => json({ FailedRecordCount: 0, Records: [] }))
  for (let i = 0; i < 5; i++) void ledger.put(producer, `key-${i}`)
  await ledger.settled()

  expect(scenario.verdict().violations).toEqual([])
  expect(ledger.codes()).toEqual({ ERR_PUT_REJECTED: 5 })
  for (const { error } of ledger.entries) expect(error).toMatchObject({ maybeStored: true, attempts: 3 })
  expect(endpoint.puts).toHaveLength(3)
})
