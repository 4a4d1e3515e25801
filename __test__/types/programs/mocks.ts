import * as kinesisAgg from 'aws-kinesis-agg'

// What the casts of jest, vitest and sinon have in common: a function that can also be constructed, with more properties.
interface Mock<Args extends unknown[] = never[], Result = unknown> {
  (...args: Args): Result
  new (...args: Args): Result
  mock: { calls: Args[] }
  mockReturnValue(value: Result): this
}
// oxlint-disable-next-line typescript/no-explicit-any -- as in jest
type AnyMock = Mock<any[], any>
export const mocks = [
  kinesisAgg.deaggregateSync as AnyMock,
  kinesisAgg.deaggregate as AnyMock,
  kinesisAgg.aggregate as AnyMock
]
type MockOf<F extends (...args: never[]) => unknown> = Mock<Parameters<F>, ReturnType<F>> & F
export const sync = kinesisAgg.deaggregateSync as MockOf<typeof kinesisAgg.deaggregateSync>
export const length: number = sync.mock.calls[0]![0].data.length
