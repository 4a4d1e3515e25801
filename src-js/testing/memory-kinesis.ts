import { type MemoryEntry, type MemoryRecord, type MemoryShard, MemoryStream } from './memory-stream'

const MAX_ENTRIES = 500
const MAX_REQUEST_BYTES = 10 << 20
const MAX_KEY_CHARACTERS = 256
const MAX_HASH_KEY = (1n << 128n) - 1n
const SHARDS_A_PAGE = 1000
const RECORDS_A_READ = 10_000
const BYTES_A_READ = 10 << 20

/** What Kinesis answers to a request that it refuses. */
export class KinesisFault extends Error {
  constructor(name: string, message: string) {
    super(message)
    Object.defineProperty(this, 'name', { value: name, configurable: true, writable: true })
  }
}

/** An entry's part of PutRecords' answer. */
export type PutRecordsResult =
  { SequenceNumber: string; ShardId: string } | { ErrorCode: string; ErrorMessage: string }

export interface PutRecordsAnswer {
  FailedRecordCount: number
  Records: PutRecordsResult[]
}

interface StreamInput {
  StreamName?: string
  StreamARN?: string
}
interface PutRecordsInput extends StreamInput {
  Records?: MemoryEntry[]
}
interface ListShardsInput extends StreamInput {
  NextToken?: string
  ExclusiveStartShardId?: string
  MaxResults?: number
  ShardFilter?: { Type: string; ShardId?: string }
}
interface ShardIteratorInput extends StreamInput {
  ShardId: string
  ShardIteratorType: string
  StartingSequenceNumber?: string
  Timestamp?: Date
}
interface GetRecordsInput {
  ShardIterator: string
  Limit?: number
}

/** Where a page of ListShards or a shard iterator goes on: what Kinesis keeps inside its opaque tokens. */
interface Position {
  stream: string
  id: string
  shard: string
  at: number
  type: string
}

/** Says why Kinesis does not take an entry; `undefined` stores it. */
export type RefuseEntry = (
  entry: MemoryEntry,
  shard: MemoryShard
) => { ErrorCode: string; ErrorMessage: string } | undefined

/** The actions of Kinesis over streams in memory, with what it checks. */
export class MemoryKinesis {
  readonly streams = new Map<string, MemoryStream>()
  /** Asked for each entry of PutRecords. */
  refuse: RefuseEntry = () => undefined

  /** The answer to a request, in the shape of the SDK's outputs. @throws KinesisFault */
  answer(action: string, input: object): object {
    switch (action) {
      case 'PutRecords':
        return this.#putRecords(input)
      case 'ListShards':
        return this.#listShards(input)
      case 'DescribeStreamSummary':
        return this.#describeStreamSummary(input)
      case 'GetShardIterator':
        return this.#getShardIterator(input as ShardIteratorInput)
      case 'GetRecords':
        return this.#getRecords(input as GetRecordsInput)
      default:
        throw new KinesisFault('UnknownOperationException', `${action} is not an action of this Kinesis`)
    }
  }

  /** @throws KinesisFault */
  stream({ StreamName, StreamARN }: StreamInput): MemoryStream {
    const name = StreamName ?? StreamARN?.split(':stream/')[1]
    if (name === undefined)
      throw new KinesisFault('InvalidArgumentException', 'StreamName or StreamARN is needed')
    const stream = this.streams.get(name)
    if (stream !== undefined) return stream
    throw new KinesisFault(
      'ResourceNotFoundException',
      `Stream ${name} under account 000000000000 not found.`
    )
  }

  #putRecords(input: PutRecordsInput): PutRecordsAnswer {
    const stream = this.stream(input)
    const entries = input.Records ?? []
    checkEntries(entries, stream)
    const Records = entries.map((entry): PutRecordsResult => {
      const shard = stream.shardFor(entry)
      const refused = this.refuse(entry, shard)
      if (refused !== undefined) return refused
      return { SequenceNumber: stream.put(entry, shard).sequenceNumber, ShardId: shard.id }
    })
    return { FailedRecordCount: Records.filter(result => 'ErrorCode' in result).length, Records }
  }

  #listShards(input: ListShardsInput): object {
    let position: Position
    if (input.NextToken === undefined) {
      const { name, id } = this.stream(input)
      const type = input.ShardFilter?.Type ?? 'FROM_TRIM_HORIZON'
      const shard = input.ExclusiveStartShardId ?? input.ShardFilter?.ShardId ?? ''
      position = { stream: name, id, shard, at: 0, type }
    } else {
      if (input.StreamName !== undefined || input.StreamARN !== undefined) {
        throw new KinesisFault('InvalidArgumentException', 'NextToken and a stream cannot be given together.')
      }
      position = read(input.NextToken)
    }
    const stream = this.#streamOf(position, 'ExpiredNextTokenException')
    const listed = stream.shards.filter(
      shard =>
        shard.id > position.shard &&
        (position.type !== 'AT_LATEST' || shard.endingSequenceNumber === undefined)
    )
    const page = listed.slice(0, input.MaxResults ?? SHARDS_A_PAGE)
    const more = page.length < listed.length ? { ...position, shard: page.at(-1)!.id } : undefined
    return { Shards: page.map(listing), ...(more !== undefined && { NextToken: token(more) }) }
  }

  #describeStreamSummary(input: StreamInput): object {
    const stream = this.stream(input)
    return {
      StreamDescriptionSummary: {
        StreamName: stream.name,
        StreamARN: stream.arn,
        StreamStatus: 'ACTIVE',
        StreamModeDetails: { StreamMode: 'ON_DEMAND' },
        RetentionPeriodHours: 24,
        StreamCreationTimestamp: stream.created,
        EnhancedMonitoring: [],
        OpenShardCount: stream.openShards.length,
        MaxRecordSizeInKiB: stream.maxRecordBytes / 1024,
        RecordDistributionStrategy: stream.recordDistribution
      }
    }
  }

  #getShardIterator(input: ShardIteratorInput): object {
    const stream = this.stream(input)
    const shard = stream.shard(input.ShardId)
    if (shard === undefined) {
      throw new KinesisFault(
        'ResourceNotFoundException',
        `Shard ${input.ShardId} in stream ${stream.name} not found.`
      )
    }
    const from = (wanted: (record: MemoryRecord) => boolean): number => {
      const at = shard.records.findIndex(wanted)
      return at < 0 ? shard.records.length : at
    }
    const sequenceNumber = BigInt(input.StartingSequenceNumber ?? 0)
    const starts: Record<string, () => number> = {
      TRIM_HORIZON: () => 0,
      LATEST: () => shard.records.length,
      AT_SEQUENCE_NUMBER: () => from(record => BigInt(record.sequenceNumber) >= sequenceNumber),
      AFTER_SEQUENCE_NUMBER: () => from(record => BigInt(record.sequenceNumber) > sequenceNumber),
      AT_TIMESTAMP: () => from(record => record.arrival >= new Date(input.Timestamp ?? 0))
    }
    const start = starts[input.ShardIteratorType]
    if (start === undefined) {
      throw new KinesisFault('InvalidArgumentException', `No ShardIteratorType: ${input.ShardIteratorType}`)
    }
    return { ShardIterator: token(positionIn(stream, shard, start())) }
  }

  #getRecords({ ShardIterator, Limit = RECORDS_A_READ }: GetRecordsInput): object {
    const position = read(ShardIterator)
    const stream = this.#streamOf(position, 'ExpiredIteratorException')
    const shard = stream.shard(position.shard)!
    const page: MemoryRecord[] = []
    let bytes = 0
    for (const record of shard.records.slice(position.at, position.at + Limit)) {
      bytes += record.data.length
      if (page.length > 0 && bytes > BYTES_A_READ) break
      page.push(record)
    }
    const next = position.at + page.length
    const ended = shard.endingSequenceNumber !== undefined && next === shard.records.length
    return {
      Records: page.map(record => ({
        SequenceNumber: record.sequenceNumber,
        ApproximateArrivalTimestamp: record.arrival,
        Data: Uint8Array.from(record.data),
        PartitionKey: record.partitionKey ?? ''
      })),
      MillisBehindLatest: 0,
      ...(ended
        ? { ChildShards: stream.shards.filter(child => child.parents.includes(shard)).map(childListing) }
        : { NextShardIterator: token(positionIn(stream, shard, next)) })
    }
  }

  /** The stream that a token is about, unless it was deleted or made again since. */
  #streamOf(position: Position, fault: string): MemoryStream {
    const stream = this.stream({ StreamName: position.stream })
    if (stream.id === position.id) return stream
    throw new KinesisFault(fault, 'The stream was made again since.')
  }
}

function checkEntries(entries: readonly MemoryEntry[], stream: MemoryStream): void {
  if (entries.length === 0 || entries.length > MAX_ENTRIES) {
    throw new KinesisFault(
      'ValidationException',
      `1 validation error detected: Value at 'records' failed to satisfy constraint: Member must have length between 1 and ${MAX_ENTRIES}`
    )
  }
  let total = 0
  for (const [i, entry] of entries.entries()) {
    const at = `records.${i + 1}.member`
    checkKeys(entry, at, stream)
    const bytes = entry.Data.length + Buffer.byteLength(entry.PartitionKey ?? '')
    if (bytes > stream.maxRecordBytes) {
      throw new KinesisFault(
        'ValidationException',
        `1 validation error detected: Value at '${at}.data' failed to satisfy constraint: Member must have length less than or equal to ${stream.maxRecordBytes}`
      )
    }
    total += bytes
  }
  if (total > MAX_REQUEST_BYTES) {
    throw new KinesisFault('InvalidArgumentException', `Records size exceeds ${MAX_REQUEST_BYTES} bytes.`)
  }
}

function checkKeys({ PartitionKey, ExplicitHashKey }: MemoryEntry, at: string, stream: MemoryStream): void {
  const characters = [...(PartitionKey ?? '')].length
  const none = PartitionKey === undefined && stream.recordDistribution === 'AUTO'
  if (!none && (characters === 0 || characters > MAX_KEY_CHARACTERS)) {
    throw new KinesisFault(
      'ValidationException',
      `1 validation error detected: Value at '${at}.partitionKey' failed to satisfy constraint: Member must have length between 1 and ${MAX_KEY_CHARACTERS}`
    )
  }
  if (ExplicitHashKey === undefined) return
  if (!/^(0|[1-9]\d{0,38})$/.test(ExplicitHashKey) || BigInt(ExplicitHashKey) > MAX_HASH_KEY) {
    throw new KinesisFault('InvalidArgumentException', `Invalid ExplicitHashKey at '${at}.explicitHashKey'.`)
  }
}

function hashKeyRange(shard: MemoryShard): object {
  return { StartingHashKey: String(shard.startingHashKey), EndingHashKey: String(shard.endingHashKey) }
}

function listing(shard: MemoryShard): object {
  const [parent, adjacent] = shard.parents
  return {
    ShardId: shard.id,
    ...(parent !== undefined && { ParentShardId: parent.id }),
    ...(adjacent !== undefined && { AdjacentParentShardId: adjacent.id }),
    HashKeyRange: hashKeyRange(shard),
    SequenceNumberRange: {
      StartingSequenceNumber: shard.startingSequenceNumber,
      ...(shard.endingSequenceNumber !== undefined && { EndingSequenceNumber: shard.endingSequenceNumber })
    }
  }
}

function childListing(shard: MemoryShard): object {
  return {
    ShardId: shard.id,
    ParentShards: shard.parents.map(({ id }) => id),
    HashKeyRange: hashKeyRange(shard)
  }
}

function positionIn(stream: MemoryStream, shard: MemoryShard, at: number): Position {
  return { stream: stream.name, id: stream.id, shard: shard.id, at, type: '' }
}

const token = (position: Position): string => Buffer.from(JSON.stringify(position)).toString('base64')

function read(text: string): Position {
  try {
    return JSON.parse(Buffer.from(text, 'base64').toString()) as Position
  } catch {
    throw new KinesisFault('InvalidArgumentException', 'Not a token of this Kinesis.')
  }
}
