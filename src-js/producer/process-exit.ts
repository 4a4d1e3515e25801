import { writeSync } from 'node:fs'

/** Something that has records which would be lost with the process. */
export interface Holder {
  readonly pendingRecords: number
}

const holders = new Set<Holder>()
let listens = false

function tellOfLost(): void {
  let records = 0
  for (const { pendingRecords } of holders) records += pendingRecords
  if (records === 0) return
  const text = `kinesis-agg: the process ends with ${records} ${records === 1 ? 'record' : 'records'} that may not be stored\n`
  try {
    writeSync(2, text)
  } catch {
    // Nobody reads it any more.
  }
}

/** From now on the end of the process is told of, with the number of records. */
export function holdProcess(holder: Holder): void {
  holders.add(holder)
  if (listens) return
  listens = true
  process.on('exit', tellOfLost)
}

export function releaseProcess(holder: Holder): void {
  holders.delete(holder)
  if (holders.size > 0 || !listens) return
  listens = false
  process.removeListener('exit', tellOfLost)
}
