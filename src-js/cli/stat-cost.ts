/** What AWS bills: a PUT payload unit of a provisioned stream, and to what on demand rounds up, per Kinesis record. */
const UNIT_BYTES = 25 * 1024
const ROUND_BYTES = 1024

/** The longest aggregate of the estimate and how long it waits for others: the defaults of producer and KPL. */
export const TARGET_BYTES = 51_200
export const LINGER_MS = 100

/** What Kinesis records cost by either mode. */
export class Bill {
  kinesisRecords = 0
  bytes = 0
  /** PUT payload units of 25 KB, which a provisioned stream is billed by. */
  putUnits = 0
  /** Kilobytes, of 1,024 bytes, with each record rounded up, which a stream on demand is billed by. */
  roundedKilobytes = 0

  /** @param bytes of data and partition key */
  add(bytes: number): void {
    this.kinesisRecords++
    this.bytes += bytes
    this.putUnits += Math.max(1, Math.ceil(bytes / UNIT_BYTES))
    this.roundedKilobytes += Math.max(1, Math.ceil(bytes / ROUND_BYTES))
  }
}

/** A user record, as far as its size counts. */
export interface SizedRecord {
  partitionKey: string
  explicitHashKey: string | undefined
  data: { length: number }
}

/** Bytes of magic and MD5. */
const ENVELOPE = 20

/**
 * What the user records of one shard would cost if one producer had aggregated them: those that came within 100 ms
 * together, up to 51,200 bytes. Sizes are those of the format.
 */
export class AggregatedBill {
  readonly bill = new Bill()
  readonly #keys = new Set<string>()
  readonly #hashKeys = new Set<string>()
  #count = 0
  #bytes = 0
  /** Size of the first of them if it is put alone. */
  #alone = 0
  #outerKeyBytes = 0
  #since: number | undefined

  /** @param arrival milliseconds; those without one count as of the same time as the record before */
  add(record: SizedRecord, arrival: number | undefined): void {
    const { partitionKey, data } = record
    const keyBytes = Buffer.byteLength(partitionKey)
    const isLate = arrival !== undefined && this.#since !== undefined && arrival - this.#since >= LINGER_MS
    let more = this.#measure(record, keyBytes)
    if (this.#count > 0 && (isLate || this.#size + more > TARGET_BYTES)) {
      this.end()
      more = this.#measure(record, keyBytes)
    }
    if (this.#count === 0) {
      this.#alone = data.length + keyBytes
      this.#outerKeyBytes = keyBytes
    }
    this.#since ??= arrival
    this.#count++
    this.#bytes += more
    this.#keys.add(partitionKey)
    if (record.explicitHashKey !== undefined) this.#hashKeys.add(record.explicitHashKey)
  }

  /** Bills what is collected: a record that stays alone is put as it is. */
  end(): void {
    if (this.#count > 0) this.bill.add(this.#count === 1 ? this.#alone : this.#size)
    this.#keys.clear()
    this.#hashKeys.clear()
    this.#count = this.#bytes = this.#outerKeyBytes = 0
    this.#since = undefined
  }

  get #size(): number {
    return ENVELOPE + this.#bytes + this.#outerKeyBytes
  }

  /** Bytes of the message that a record adds: its keys, if they are new, and itself. */
  #measure({ partitionKey, explicitHashKey, data }: SizedRecord, keyBytes: number): number {
    const isNew = !this.#keys.has(partitionKey)
    const isNewHash = explicitHashKey !== undefined && !this.#hashKeys.has(explicitHashKey)
    // Indexes of known keys are taken for the highest; a byte too much is rare, and does not matter.
    let body = 1 + varintBytes(this.#keys.size - (isNew ? 0 : 1)) + lengthDelimited(data.length)
    if (explicitHashKey !== undefined) body += 1 + varintBytes(this.#hashKeys.size - (isNewHash ? 0 : 1))
    return (
      (isNew ? lengthDelimited(keyBytes) : 0) +
      (isNewHash ? lengthDelimited(Buffer.byteLength(explicitHashKey)) : 0) +
      lengthDelimited(body)
    )
  }
}

/** A field with a tag of one byte, its length and so many bytes. */
function lengthDelimited(bytes: number): number {
  return 1 + varintBytes(bytes) + bytes
}

function varintBytes(value: number): number {
  let bytes = 1
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes++
  return bytes
}
