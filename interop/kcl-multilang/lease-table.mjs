// DynamoDB on loopback, as far as KCL needs it: dynalite in this process, and lease tables in it.
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

const INDEX = 'LeaseOwnerToLeaseKeyIndex'

export class LeaseTables {
  #server

  /** @param {NodeJS.Require} require finds dynalite */
  static async start(require) {
    const tables = new LeaseTables()
    tables.#server = require('dynalite')({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 })
    tables.#server.listen(0, '127.0.0.1')
    await once(tables.#server, 'listening')
    return tables
  }

  get endpoint() {
    return `http://127.0.0.1:${this.#server.address().port}`
  }

  /**
   * The table of an application, with a lease for each shard. KCL would make both itself, but dynalite cannot add KCL's
   * index to a table that is there, and with an empty table KCL waits up to 30 s.
   */
  async create(application, shards) {
    await this.#call('CreateTable', {
      TableName: application,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['leaseKey', 'leaseOwner'].map(AttributeName => ({
        AttributeName,
        AttributeType: 'S'
      })),
      KeySchema: [{ AttributeName: 'leaseKey', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [
        {
          IndexName: INDEX,
          Projection: { ProjectionType: 'KEYS_ONLY' },
          KeySchema: [
            { AttributeName: 'leaseOwner', KeyType: 'HASH' },
            { AttributeName: 'leaseKey', KeyType: 'RANGE' }
          ]
        }
      ]
    })
    const describe = async () => (await this.#call('DescribeTable', { TableName: application })).Table
    while ((await describe()).TableStatus !== 'ACTIVE') await sleep(20)
    for (const { ShardId, HashKeyRange } of shards) {
      await this.#call('PutItem', {
        TableName: application,
        Item: {
          leaseKey: { S: ShardId },
          leaseCounter: { N: '0' },
          ownerSwitchesSinceCheckpoint: { N: '0' },
          checkpoint: { S: 'TRIM_HORIZON' },
          checkpointSubSequenceNumber: { N: '0' },
          startingHashKey: { S: HashKeyRange.StartingHashKey },
          endingHashKey: { S: HashKeyRange.EndingHashKey }
        }
      })
    }
  }

  /** @returns {Promise<{ shardId: string, owner?: string, checkpoint: string, subSequenceNumber: number }[]>} */
  async leases(application) {
    const { Items } = await this.#call('Scan', { TableName: application, ConsistentRead: true })
    return Items.map(item => ({
      shardId: item.leaseKey.S,
      owner: item.leaseOwner?.S,
      checkpoint: item.checkpoint.S,
      subSequenceNumber: Number(item.checkpointSubSequenceNumber.N)
    }))
  }

  async stop() {
    this.#server.closeAllConnections?.()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #call(action, input) {
    const response = await fetch(this.endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDB_20120810.${action}`,
        'x-amz-date': '20200101T000000Z',
        // dynalite looks at the form alone.
        authorization:
          'AWS4-HMAC-SHA256 Credential=local/20200101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0'
      },
      body: JSON.stringify(input)
    })
    const answer = await response.json()
    if (!response.ok) throw new Error(`${action}: ${JSON.stringify(answer)}`)
    return answer
  }
}
