import { RecordAggregator } from '../index'

export = RecordAggregator
