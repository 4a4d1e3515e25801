/** What `@types/node` and the peer leave out; for checking the benchmark's JSDoc types, nothing else. */

interface Buffer {
  base64Slice(start: number, end: number): string
  base64Write(text: string, offset: number, length: number): number
  latin1Write(text: string, offset: number, length: number): number
  latin1Slice(start: number, end: number): string
  utf8Slice(start: number, end: number): string
  utf8Write(text: string, offset: number, length: number): number
}

declare module 'aws-kinesis-agg/lib/common' {
  export const magic: Buffer
  export const AggregatedRecord: {
    encode(message: object): { finish(): Buffer }
    decode(bytes: Uint8Array): any
  }
}
