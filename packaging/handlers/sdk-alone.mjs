// What bundlers make of the SDK without this package.
import { KinesisClient } from '@aws-sdk/client-kinesis'

export const handler = async () => ({ keys: [typeof KinesisClient], codec: '' })
