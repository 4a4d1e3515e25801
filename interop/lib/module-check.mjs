// The check of a module that aggregates and deaggregates: it reads ours, we read what it writes.
import { Check } from './check.mjs'
import { placed, plain, read, received, unplaced, write } from './ours.mjs'
import { Peer } from './peer.mjs'
import { randomSets } from './sets.mjs'

/**
 * What to expect of a peer for a set of records. Without `because` it is the truth.
 *
 * @typedef {{ outcome: unknown, because?: string }} Expectation `outcome`: the records; for a set that the
 *   peer cannot write `{ error }`, its word; for one that it writes wrongly `{ code }`, of our error
 */

/**
 * @param {{
 *   ask(request: object): Promise<any>,
 *   count: number,
 *   place?(record: import('./ours.mjs').Plain, place: object): object,
 *   expectRead?(records: import('./ours.mjs').Plain[]): Expectation,
 *   expectWritten?(records: import('./ours.mjs').Plain[]): Expectation,
 *   readFaults?: string[],
 *   writeFaults?: string[]
 * }} peer `place`: adds to a record what the peer tells of the Kinesis record that it came from
 */
export async function checkModule({
  ask,
  count,
  place = placed,
  expectRead = truth => ({ outcome: truth }),
  expectWritten = truth => ({ outcome: truth }),
  readFaults = [],
  writeFaults = []
}) {
  const own = new Check('we read ours')
  const reads = new Check('reads ours')
  const writes = new Check('writes, we read')
  let sameBytes = 0
  for (const records of randomSets(count, 5)) {
    const truth = records.map(plain)
    const size = { records: truth.length }
    const ours = write(records)
    const back = read(ours)
    own.compare(back.map(unplaced), truth, size)

    const { outcome, because } = expectRead(truth)
    const expected = outcome.map((record, i) => place(record, back[i]))
    reads.compare(await ask({ records: ours }), expected, { ...size, because })

    const theirs = await ask({ write: true, records: truth })
    const written = expectWritten(truth)
    writes.compare(outcomeOf(theirs), written.outcome, { ...size, because: written.because })
    if (isSame(theirs, ours)) sameBytes += 1
  }
  reads.expectDifferences(...readFaults)
  writes.expectDifferences(...writeFaults)
  return [reads.result(), writes.result({ sameBytes })]
}

function outcomeOf(theirs) {
  if ('error' in theirs) return { error: theirs.error }
  try {
    return read(theirs.map(received)).map(unplaced)
  } catch ({ code }) {
    return { code }
  }
}

const isSame = (theirs, ours) =>
  theirs.length === ours.length && ours.every(({ data }, i) => data === theirs[i].data)

/** {@link checkModule} of a program that `command` starts. */
export async function checkProgram(command, options) {
  const peer = new Peer(command)
  try {
    return await checkModule({ ...options, ask: request => peer.ask(request) })
  } finally {
    await peer.end()
  }
}
