/**
 * How the native half writes what it found into 32-bit words. The numbers stand in
 * `src/binding.rs` too, and a test compares them; as constants of this file they cost nothing.
 */

/** Words before the index of each record: status and four numbers. */
export const HEADER_WORDS = 5
/** Words of a table entry: offset, and length with {@link ASCII}. */
export const KEY_WORDS = 2
/** Words of a user record: partition key index, explicit hash key index + 1 or 0, offset, length. */
export const RECORD_WORDS = 4

/** Words of a record whose shard is looked up: bytes of its partition key, bytes of its data, shard. */
export const SHARD_LOOKUP_WORDS = 3

/** Words of a record in a lane's slab: bytes of its partition key, explicit hash key and data, and a free one. */
export const LANE_WORDS = 4
/** Words of a run of records of one shard: the shard's position, records, bytes. */
export const RUN_WORDS = 3

/** Not an aggregated record. */
export const STATUS_PLAIN = 0
/** The numbers of keys, hash keys and records follow. */
export const STATUS_RECORDS = 1
/**
 * The same, and then how many records were encoded: offsets and lengths of so many, from the first one on, are
 * those of base64 text in the slab.
 */
export const STATUS_BASE64 = 2
/** The MD5 does not match. */
export const STATUS_CHECKSUM = 3
/** The reason's number and the byte follow. */
export const STATUS_MALFORMED = 4

/** Bit of a table entry's length word, which is the sign bit here. */
export const ASCII = 0x80000000
