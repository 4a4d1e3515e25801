export { deaggregate, deaggregateSync } from '../index'
