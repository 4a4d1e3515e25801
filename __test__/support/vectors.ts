import { type ExpectedRecord, vectors as fixtures } from '../fixtures/vectors.cjs'

export type { ExpectedRecord }

export interface Vector {
  name: string
  /** base64 */
  record: string
  bytes: Buffer
  kind: 'records' | 'plain' | 'checksum' | 'malformed'
  /** Empty unless `kind` is `records`. */
  records: ExpectedRecord[]
}

export const vectors: Vector[] = fixtures.map(({ name, record, expect: { kind, records = [] } }) => ({
  name,
  record,
  bytes: Buffer.from(record, 'base64'),
  kind,
  records
}))

/** The vector with this name. */
export function vector(name: string): Vector {
  const found = vectors.find(one => one.name === name)
  if (found === undefined) throw new Error(`no vector '${name}'`)
  return found
}

export const ofKind = (...kinds: Vector['kind'][]): Vector[] =>
  vectors.filter(({ kind }) => kinds.includes(kind))
