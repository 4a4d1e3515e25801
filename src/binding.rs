//! The N-API binding: only this file and its folder know Node.js.
//!
//! JavaScript owns the memory. A call gets views of it, writes numbers or bytes into them and returns a number.
//! Objects are made in JavaScript, because an object made here costs more than decoding its content. So there are
//! few calls, each for a whole record or for many, and no state between calls.
//!
//! # Memory
//!
//! The slices are borrowed from JavaScript for one call. No JavaScript runs during the call, so nothing detaches or
//! resizes them. The TypeScript side copies memory that is shared with other threads before the call, and never
//! passes two views of the same memory as arguments if one of them is written to.

mod lane;

use napi::JsValue;
use napi::bindgen_prelude::{
    Array, Buffer, External, FromNapiValue, Result, Status, Uint8ArraySlice, Uint32ArraySlice, Unknown,
};
use napi_derive::napi;

use crate::calls;
use crate::decode as decoder;
use crate::error::Error;
use crate::shard::{self, ShardTable};
use crate::{base64, encode as encoder, md5, message};

/// The version of the package to which this binary belongs. Arguments and layouts differ between versions.
#[napi]
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Length in words of the header before the index of each record.
#[napi]
#[allow(clippy::cast_possible_truncation, reason = "it is 5")]
pub const HEADER_WORDS: u32 = calls::HEADER_WORDS as u32;

/// Status: not an aggregated record.
#[napi]
pub const STATUS_PLAIN: u32 = calls::STATUS_PLAIN;

/// Status: the numbers of keys, hash keys and records follow. Offsets count from the start of the record.
#[napi]
pub const STATUS_RECORDS: u32 = calls::STATUS_RECORDS;

/// Status: as [`STATUS_RECORDS`], followed by the number of records that were encoded as base64. The offsets and
/// lengths of these first records are those of the base64 text in the slab.
#[napi]
pub const STATUS_BASE64: u32 = calls::STATUS_BASE64;

/// Status: the MD5 does not match.
#[napi]
pub const STATUS_CHECKSUM: u32 = calls::STATUS_CHECKSUM;

/// Status: the number of the reason and the offset in bytes follow.
#[napi]
pub const STATUS_MALFORMED: u32 = calls::STATUS_MALFORMED;

/// Length of a table entry in words.
#[napi]
#[allow(clippy::cast_possible_truncation, reason = "it is 2")]
pub const KEY_WORDS: u32 = decoder::KEY_WORDS as u32;

/// Length of a user record in words.
#[napi]
#[allow(clippy::cast_possible_truncation, reason = "it is 4")]
pub const RECORD_WORDS: u32 = decoder::RECORD_WORDS as u32;

/// Length in words of a record whose shard is looked up.
#[napi]
#[allow(clippy::cast_possible_truncation, reason = "it is 3")]
pub const SHARD_LOOKUP_WORDS: u32 = shard::SHARD_LOOKUP_WORDS as u32;

/// Decodes the first `length` bytes of `data`. Returns the required length of `index` in u32 words; if
/// `index` is shorter, nothing in it is to be read.
#[napi(catch_unwind)]
pub fn decode(data: &[u8], length: f64, verify: bool, mut index: Uint32ArraySlice<'_>) -> Result<f64> {
    // SAFETY: see "Memory" at the top.
    let words = unsafe { words_of(&mut index) };
    Ok(calls::decode_one(first(data, length)?, verify, words)? as f64)
}

/// As `decode`, and writes the data of small records to `slab` as base64.
#[napi(catch_unwind)]
pub fn decode_to_base64(
    data: &[u8],
    length: f64,
    verify: bool,
    mut index: Uint32ArraySlice<'_>,
    mut slab: Uint8ArraySlice<'_>,
) -> Result<f64> {
    // SAFETY: see "Memory" at the top.
    let (words, slab) = unsafe { (words_of(&mut index), bytes_of(&mut slab)) };
    Ok(calls::decode_to_base64(first(data, length)?, verify, words, slab)? as f64)
}

fn first(data: &[u8], length: f64) -> Result<&[u8]> {
    // A saturating cast: a length that is too large is refused here, and a negative one or NaN is 0.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "see above")]
    data.get(..length as usize).ok_or_else(|| internal("a length outside its memory"))
}

/// Encodes records for which `decode_to_base64` had no room: of `count` records, the first of which is at word `word`
/// of the index, as many as fit into `slab`. Returns their number.
#[napi(catch_unwind)]
pub fn encode_data(
    data: &[u8],
    mut index: Uint32ArraySlice<'_>,
    word: u32,
    count: u32,
    mut slab: Uint8ArraySlice<'_>,
) -> Result<u32> {
    // SAFETY: see "Memory" at the top.
    let (words, slab) = unsafe { (words_of(&mut index), bytes_of(&mut slab)) };
    let words = words.get_mut(word as usize..).unwrap_or_default();
    let records = words.as_chunks_mut().0.get_mut(..count as usize);
    let records = records.ok_or_else(|| internal("records outside their index"))?;
    Ok(calls::count(base64::write(data, records, slab)?)?)
}

/// Decodes the records of `list`, starting at number `from`, as many as fit into `index`, and returns their number.
/// Returns 0 if `index` is too short for one record, or is too short for all records and shorter than `max_words`.
/// Then `index[0]` is the length in words that `index` should have, and nothing else in it is to be read.
///
/// The digests of all records are computed at once, which is several times faster than one by one.
#[napi(catch_unwind)]
pub fn decode_many(
    list: Array<'_>,
    from: u32,
    verify: bool,
    mut index: Uint32ArraySlice<'_>,
    max_words: u32,
) -> Result<u32> {
    let records = (from..list.len()).map(|i| list.get(i)?.ok_or_else(|| internal("a hole in a list")));
    // SAFETY: see "Memory" at the top.
    let words = unsafe { words_of(&mut index) };
    let (count, _) = calls::decode_many(records, verify, words, max_words as usize)?;
    Ok(calls::count(count)?)
}

/// The error message for the number of a reason and an offset in bytes.
#[napi(catch_unwind)]
pub fn malformed_text(reason: u32, offset: u32) -> Result<String> {
    Ok(calls::malformed_text(reason, offset)?)
}

/// Writes an aggregated record into `record`, which must have exactly its size, from the first `slab_length` bytes of
/// `slab` and the first `entry_count` numbers of `entries`. Without `seal` the digest is left out.
#[napi(catch_unwind)]
pub fn encode(
    slab: &[u8],
    slab_length: u32,
    entries: &[u32],
    entry_count: u32,
    mut record: Uint8ArraySlice<'_>,
    seal: bool,
) -> Result<()> {
    let slab = slab.get(..slab_length as usize).ok_or_else(|| internal("a slab too short"))?;
    let entries = entries.get(..entry_count as usize).ok_or_else(|| internal("entries too short"))?;
    let encode = if seal { encoder::encode } else { encoder::encode_unsealed };
    // SAFETY: see "Memory" at the top.
    Ok(encode(slab, entries, unsafe { bytes_of(&mut record) })?)
}

/// Writes the digests of several encoded records at once. The records must not overlap.
#[napi(catch_unwind)]
pub fn seal(records: Array<'_>) -> Result<()> {
    let mut arrays: Vec<Uint8ArraySlice<'_>> = Vec::with_capacity(records.len() as usize);
    for i in 0..records.len() {
        arrays.push(records.get(i)?.ok_or_else(|| internal("a hole in a list"))?);
    }
    if calls::any_overlap(arrays.iter().map(|array| array.as_ptr_range()).collect()) {
        return Err(internal("records to be sealed that overlap"));
    }
    // SAFETY: see "Memory" at the top; and no two of the records overlap.
    let mut list: Vec<_> = arrays.iter_mut().map(|array| unsafe { bytes_of(array) }).collect();
    encoder::seal_all(&mut list);
    Ok(())
}

/// Writes the hash key of a partition key to `out`, as 16 bytes, big-endian.
#[napi(catch_unwind, ts_args_type = "partitionKey: string, out: Uint8Array")]
pub fn hash_key(partition_key: Unknown<'_>, mut out: Uint8ArraySlice<'_>) -> Result<()> {
    let hash_key = with_utf8(&partition_key, shard::hash_key)?;
    // SAFETY: see "Memory" at the top.
    let out = unsafe { bytes_of(&mut out) };
    *out.first_chunk_mut().ok_or_else(|| internal("no room for a hash key"))? = hash_key.to_be_bytes();
    Ok(())
}

/// Makes a table of shards from the first hash keys of their ranges, 16 bytes each, big-endian.
#[napi(catch_unwind, ts_return_type = "object")]
pub fn shard_table(starts: &[u8]) -> Result<External<ShardTable>> {
    Ok(External::new(ShardTable::from_bytes(starts)?))
}

/// The position in the table of the shard of a partition key.
#[napi(catch_unwind, ts_args_type = "table: object, partitionKey: string")]
pub fn shard_of_key(table: &External<ShardTable>, partition_key: Unknown<'_>) -> Result<u32> {
    with_utf8(&partition_key, |key| shard::position(table.find(shard::hash_key(key))))
}

/// Finds the shards of the first `count` records of `lookups`. A record has three words there: length of its
/// partition key in bytes, length of its data in bytes, and the position of its shard in the table, which is
/// written. `records` holds the keys and data of the records, one after the other.
#[napi(
    catch_unwind,
    ts_args_type = "table: object, records: Uint8Array, lookups: Uint32Array, count: number"
)]
pub fn shards_of_keys(
    table: &External<ShardTable>,
    records: &[u8],
    mut lookups: Uint32ArraySlice<'_>,
    count: u32,
) -> Result<()> {
    // SAFETY: see "Memory" at the top.
    let lookups = unsafe { words_of(&mut lookups) }.as_chunks_mut().0.get_mut(..count as usize);
    let lookups = lookups.ok_or_else(|| internal("more records than lookups"))?;
    Ok(table.find_all(records, lookups)?)
}

/// The position in the table of the shard of an explicit hash key; -1 if the text is not a valid hash key.
#[napi(catch_unwind, ts_args_type = "table: object, hashKey: string")]
pub fn shard_of_hash_key(table: &External<ShardTable>, hash_key: Unknown<'_>) -> Result<i32> {
    with_utf8(&hash_key, |text| table.find_text(text))
}

/// Calls `read` with the UTF-8 bytes of a string. Keys are short, and a `String` for each would cost as much as its
/// digest.
fn with_utf8<T>(value: &Unknown<'_>, read: impl FnOnce(&[u8]) -> T) -> Result<T> {
    // The longest partition key in Kinesis has 256 characters of at most 4 bytes; N-API adds a NUL byte.
    let mut buffer = [std::mem::MaybeUninit::<u8>::uninit(); 1025];
    let mut length = 0;
    let raw = value.value();
    // SAFETY: `raw` holds a live value of a live environment, `buffer` has the given length, and N-API writes at most
    // that many bytes and initialises the first `length` of them.
    let status = unsafe {
        napi::sys::napi_get_value_string_utf8(
            raw.env,
            raw.value,
            buffer.as_mut_ptr().cast(),
            buffer.len(),
            &raw mut length,
        )
    };
    if status != napi::sys::Status::napi_ok {
        return Err(internal("a key that is not a string"));
    }
    // N-API truncates a longer string to whole characters that fit.
    if length > buffer.len() - 5 {
        let text: String = String::from_unknown(*value)?;
        return Ok(read(text.as_bytes()));
    }
    // SAFETY: N-API initialised the first `length` bytes, and `length` is below the buffer's.
    Ok(read(unsafe { std::slice::from_raw_parts(buffer.as_ptr().cast(), length) }))
}

/// The names of the MD5 implementations that this CPU supports, the fastest one last.
#[napi(catch_unwind)]
pub fn md5_backends() -> Vec<&'static str> {
    md5::Backend::available().map(md5::Backend::name).collect()
}

/// Makes batches use the named MD5 implementation, or the fastest one again. For tests; digests are the same.
#[napi(catch_unwind)]
pub fn force_md5(name: Option<String>) {
    md5::Backend::force(name.and_then(|name| md5::Backend::from_name(&name)));
}

/// Encodes a message, without magic and digest, from the parts that JavaScript writes; see [`message`].
#[napi(catch_unwind)]
pub fn encode_message(parts: &[u8]) -> Result<Buffer> {
    Ok(message::encode(parts)?.into())
}

/// Decodes a message, without magic and digest, into parts that JavaScript reads; see [`message`].
#[napi(catch_unwind)]
pub fn decode_message(bytes: &[u8]) -> Result<Buffer> {
    Ok(message::decode(bytes)?.into())
}

/// The memory of a Uint32Array, for writing.
///
/// # Safety
/// While the slice is in use, no JavaScript and no other thread may access the memory, and no other slice may view it.
unsafe fn words_of<'a>(array: &'a mut Uint32ArraySlice<'_>) -> &'a mut [u32] {
    // SAFETY: the caller's contract is that of `as_mut`.
    unsafe { array.as_mut() }
}

/// The memory of a Uint8Array, for writing.
///
/// # Safety
/// As [`words_of`].
unsafe fn bytes_of<'a>(array: &'a mut Uint8ArraySlice<'_>) -> &'a mut [u8] {
    // SAFETY: the caller's contract is that of `as_mut`.
    unsafe { array.as_mut() }
}

impl From<Error> for napi::Error {
    #[cold]
    fn from(error: Error) -> napi::Error {
        napi::Error::new(Status::GenericFailure, calls::error_text(&error))
    }
}

#[cold]
fn internal(what: &'static str) -> napi::Error {
    Error::internal(what).into()
}
