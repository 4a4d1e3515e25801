export { RecordAggregator, aggregate } from '../index'
