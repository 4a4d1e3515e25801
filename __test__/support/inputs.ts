/** Every form in which bytes and records come. */
import type { KinesisRecordInput, KinesisStreamRecordPayload, SdkRecord } from 'kinesis-agg'

/** `undefined`: the bytes do not fit that form. */
export type BytesForm = (bytes: Buffer) => unknown

function atOffset(bytes: Buffer, offset: number): Uint8Array {
  const memory = new Uint8Array(bytes.length + offset + 5).fill(0xaa)
  memory.set(bytes, offset)
  return memory.subarray(offset, offset + bytes.length)
}

function shared(bytes: Buffer): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(bytes.length)
  new Uint8Array(memory).set(bytes)
  return memory
}

const withLineBreaks = (text: string): string => text.replace(/.{1,7}/g, '$&\r\n')

export const textForms: Record<string, BytesForm> = {
  base64: bytes => bytes.toString('base64'),
  'base64 of the url-safe alphabet': bytes => bytes.toString('base64url'),
  'base64 with line breaks': bytes => withLineBreaks(bytes.toString('base64')),
  'base64 that begins with a line break': bytes => `\n ${bytes.toString('base64')}`
}

export const binaryForms: Record<string, BytesForm> = {
  'a Buffer': bytes => Buffer.from(bytes),
  'a Uint8Array at an offset': bytes => atOffset(bytes, 3),
  'a Uint16Array at an offset': bytes => {
    if (bytes.length % 2 !== 0) return undefined
    const { buffer, byteOffset } = atOffset(bytes, 4)
    return new Uint16Array(buffer, byteOffset, bytes.length / 2)
  },
  'a DataView at an offset': bytes => {
    const { buffer, byteOffset, byteLength } = atOffset(bytes, 7)
    return new DataView(buffer, byteOffset, byteLength)
  },
  'an ArrayBuffer': bytes => new Uint8Array(bytes).buffer,
  'a SharedArrayBuffer': bytes => shared(bytes),
  'a Uint8Array of shared memory': bytes => new Uint8Array(shared(bytes)),
  'a resizable ArrayBuffer': bytes => {
    const options = { maxByteLength: bytes.length + 100 }
    // The typings of ES2023 do not know the second argument.
    const memory: ArrayBuffer = Reflect.construct(ArrayBuffer, [bytes.length, options])
    new Uint8Array(memory).set(bytes)
    return memory
  }
}

export const bytesForms: Record<string, BytesForm> = {
  ...textForms,
  ...binaryForms,
  'a Buffer that went through JSON': bytes => JSON.parse(JSON.stringify(bytes))
}

/** What the wrappers below tell of a record. */
export const about = { partitionKey: 'outer key', sequenceNumber: '495454', timestamp: 1545084650.987 }

export const arrivedAt = new Date(about.timestamp * 1000)

const { partitionKey, sequenceNumber, timestamp } = about

const payload = (data: unknown): object => ({
  kinesisSchemaVersion: '1.0',
  partitionKey,
  sequenceNumber,
  data,
  approximateArrivalTimestamp: timestamp
})

const metadata = {
  shardId: 'shardId-000000000000',
  partitionKey,
  approximateArrivalTimestamp: timestamp,
  sequenceNumber,
  subsequenceNumber: ''
}

export const wrappers: Record<string, (data: unknown) => KinesisRecordInput> = {
  'the payload of Lambda': data => payload(data) as KinesisRecordInput,
  'the whole record of Lambda': data =>
    ({
      eventSource: 'aws:kinesis',
      eventID: `shardId-000000000006:${sequenceNumber}`,
      kinesis: payload(data)
    }) as KinesisRecordInput,
  'a record of the SDK': data =>
    ({
      SequenceNumber: sequenceNumber,
      ApproximateArrivalTimestamp: arrivedAt,
      Data: data,
      PartitionKey: partitionKey
    }) as KinesisRecordInput,
  'a record of Firehose': data =>
    ({ recordId: '1', data, kinesisRecordMetadata: metadata }) as KinesisRecordInput,
  'a record of Kinesis Analytics': data =>
    ({ recordId: '2', data, kinesisStreamRecordMetadata: metadata }) as KinesisRecordInput
}

export const lambda = (data: unknown): KinesisStreamRecordPayload =>
  wrappers['the payload of Lambda']!(data) as KinesisStreamRecordPayload
export const sdk = (data: unknown): SdkRecord => wrappers['a record of the SDK']!(data) as SdkRecord
