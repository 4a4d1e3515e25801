import { aggregate } from 'kinesis-agg'
import { describe, expect, it } from 'vitest'
import { AggregatedBill, Bill } from '../../../src-js/cli/stat-cost'
import { Random } from '../../support/random'

describe('a Kinesis record costs', () => {
  it.each([
    [0, 1, 1],
    [1, 1, 1],
    [1024, 1, 1],
    [1025, 1, 2],
    [25_600, 1, 25],
    [25_601, 2, 26],
    [51_200, 2, 50],
    [1_048_576, 41, 1024]
  ])('with %i bytes %i PUT units, and %i KB', (bytes, putUnits, roundedKilobytes) => {
    const bill = new Bill()
    bill.add(bytes)
    expect(bill).toMatchObject({ kinesisRecords: 1, bytes, putUnits, roundedKilobytes })
  })
})

const user = (partitionKey: string, size: number, explicitHashKey?: string) => ({
  partitionKey,
  explicitHashKey,
  data: Buffer.alloc(size)
})

function billOf(...records: [ReturnType<typeof user>, number | undefined][]): Bill {
  const aggregated = new AggregatedBill()
  for (const [record, arrival] of records) aggregated.add(record, arrival)
  aggregated.end()
  return aggregated.bill
}

describe('aggregated', () => {
  it('is as large as the aggregate that would be made', () => {
    const random = new Random(3)
    for (let round = 0; round < 50; round++) {
      const users = Array.from({ length: 2 + random.below(100) }, (_, i) =>
        user(
          random.below(3) === 0 ? `new-${i}` : `é-${random.below(4)}`,
          random.below(300),
          random.below(2) === 0 ? String(random.below(5)) : undefined
        )
      )
      const [made] = aggregate(users)
      const size = made!.data.length + Buffer.byteLength(made!.partitionKey)
      expect(billOf(...users.map(one => [one, undefined] as [typeof one, undefined]))).toMatchObject({
        kinesisRecords: 1,
        bytes: size
      })
    }
  })

  it('has what came within 100 ms of the first, and a record alone as it is', () => {
    const at = (time: number): [ReturnType<typeof user>, number] => [user('key', 100), time]
    expect(billOf(at(0), at(99), at(100), at(199), at(1000))).toMatchObject({
      kinesisRecords: 3,
      putUnits: 3
    })
    expect(billOf(at(5))).toMatchObject({ kinesisRecords: 1, bytes: 103 })
  })

  it('goes on after a record without a time', () => {
    expect(billOf([user('k', 1), 0], [user('k', 1), undefined], [user('k', 1), 50])).toMatchObject({
      kinesisRecords: 1
    })
  })

  it('is no longer than 51,200 bytes, but for a record that is longer alone', () => {
    const thousand = Array.from(
      { length: 1000 },
      (_, i) => [user(`key-${i}`, 500), 0] as [ReturnType<typeof user>, number]
    )
    const bill = billOf(...thousand)
    expect(bill.kinesisRecords).toBe(Math.ceil(bill.bytes / 51_200))
    expect(bill.putUnits).toBeLessThanOrEqual(2 * bill.kinesisRecords)
    const long = billOf([user('k', 10), 0], [user('k', 60_000), 0], [user('k', 10), 0])
    expect(long).toMatchObject({ kinesisRecords: 3, bytes: 11 + 60_001 + 11 })
  })
})
