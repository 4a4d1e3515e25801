//! The WebAssembly binding: functions of numbers, and memory that JavaScript fills and reads.
//!
//! `src-js/native/wasm-binding.ts` calls it. An instance belongs to one JavaScript thread and imports nothing.
//! Arguments are in memory from [`reserve`], in parts that do not overlap. A result that is more than a number, the
//! *answer*, is at [`answer_at`].
//!
//! A function that fails returns -1, and the error message is the answer. A panic is a trap. After a trap JavaScript
//! makes a new instance.

use std::slice::{from_raw_parts, from_raw_parts_mut};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::Error;
use crate::lane::{self, Limits, Seed, calls::Part};
use crate::shard::{self, ShardTable};
use crate::{calls, decode as decoder, encode as encoder, frame, md5, message};

/// Memory for arguments. In units of 64 bits, so that all arguments can be aligned.
static SCRATCH: Mutex<Vec<u64>> = Mutex::new(Vec::new());

/// The answer of the last call.
static ANSWER: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Numbers on which both sides must agree, in the order in which JavaScript reads them.
static LAYOUT: [u32; 11] = [
    constant(calls::HEADER_WORDS),
    constant(decoder::KEY_WORDS),
    constant(decoder::RECORD_WORDS),
    constant(shard::SHARD_LOOKUP_WORDS),
    constant(lane::PLACE_WORDS),
    constant(lane::RUN_WORDS),
    calls::STATUS_PLAIN,
    calls::STATUS_RECORDS,
    calls::STATUS_BASE64,
    calls::STATUS_CHECKSUM,
    calls::STATUS_MALFORMED,
];

#[allow(clippy::cast_possible_truncation, reason = "numbers of words are small")]
const fn constant(words: usize) -> u32 {
    words as u32
}

/// Address of [`LAYOUT`].
#[unsafe(no_mangle)]
pub extern "C" fn layout() -> *const u32 {
    LAYOUT.as_ptr()
}

/// Allocates memory for the arguments of the next calls, aligned to 8 bytes. The next call of this function frees it.
#[unsafe(no_mangle)]
pub extern "C" fn reserve(bytes: usize) -> *mut u8 {
    let mut scratch = lock(&SCRATCH);
    // Freed first, since there may be no room for the old and the new memory at once.
    *scratch = Vec::new();
    *scratch = vec![0; bytes.div_ceil(8)];
    scratch.as_mut_ptr().cast()
}

/// Address of the answer of the last call.
#[unsafe(no_mangle)]
pub extern "C" fn answer_at() -> *const u8 {
    lock(&ANSWER).as_ptr()
}

/// Length in bytes of the answer of the last call.
#[unsafe(no_mangle)]
pub extern "C" fn answer_len() -> usize {
    lock(&ANSWER).len()
}

/// As `decode` of the N-API binding. There is no `decode_to_base64`: it would not be faster than JavaScript.
///
/// # Safety
/// All pointers and lengths are parts of the memory of [`reserve`] that do not overlap.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn decode(
    data: *const u8,
    length: usize,
    verify: bool,
    index: *mut u32,
    words: usize,
) -> i32 {
    // SAFETY: the contract of the caller.
    let (data, index) = unsafe { (from_raw_parts(data, length), from_raw_parts_mut(index, words)) };
    number(calls::decode_one(data, verify, index))
}

/// As `decode_many` of the N-API binding, for `count` records, one after the other in `data`. Writes the number of
/// words that the index has now to the first of `lengths`.
///
/// # Safety
/// As [`decode`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn decode_many(
    data: *const u8,
    length: usize,
    lengths: *mut u32,
    count: usize,
    verify: bool,
    index: *mut u32,
    words: usize,
    max_words: usize,
) -> i32 {
    // SAFETY: the contract of the caller.
    let (data, lengths, index) = unsafe {
        (
            from_raw_parts(data, length),
            from_raw_parts_mut(lengths, count),
            from_raw_parts_mut(index, words),
        )
    };
    let decoded = calls::decode_many(pieces(data, lengths), verify, index, max_words);
    number(decoded.and_then(|(records, words)| {
        *lengths.first_mut().ok_or_else(|| Error::internal("no records"))? = calls::count(words)?;
        Ok(records)
    }))
}

/// As `malformed_text` of the N-API binding; the text is the answer.
#[unsafe(no_mangle)]
pub extern "C" fn malformed_text(reason: u32, offset: u32) -> i32 {
    bytes(calls::malformed_text(reason, offset).map(String::into_bytes))
}

/// As `encode` of the N-API binding.
///
/// # Safety
/// As [`decode`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn encode(
    slab: *const u8,
    slab_len: usize,
    entries: *const u32,
    entry_count: usize,
    record: *mut u8,
    record_len: usize,
    seal: bool,
) -> i32 {
    // SAFETY: the contract of the caller.
    let (slab, entries, record) = unsafe {
        (
            from_raw_parts(slab, slab_len),
            from_raw_parts(entries, entry_count),
            from_raw_parts_mut(record, record_len),
        )
    };
    // Not `encoder::encode`, which would compile the same code once more, with MD5 in it.
    nothing(encoder::encode_unsealed(slab, entries, record).map(|()| {
        if seal {
            encoder::seal_all(&mut [record]);
        }
    }))
}

/// Computes the digests of `count` encoded records, one after the other in `data`.
///
/// # Safety
/// As [`decode`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn digests(
    data: *const u8,
    length: usize,
    lengths: *const u32,
    count: usize,
    digests: *mut [u8; md5::DIGEST_LEN],
) -> i32 {
    // SAFETY: the contract of the caller.
    let (data, lengths, digests) = unsafe {
        (
            from_raw_parts(data, length),
            from_raw_parts(lengths, count),
            from_raw_parts_mut(digests, count),
        )
    };
    let messages: Result<Vec<_>, Error> =
        pieces(data, lengths).map(|record| record.map(frame::message_of)).collect();
    nothing(messages.map(|messages| md5::digest_all(&messages, digests)))
}

/// As `hash_key` of the N-API binding, of the UTF-8 bytes of a partition key.
///
/// # Safety
/// As [`decode`]; `out` has 16 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hash_key(key: *const u8, length: usize, out: *mut [u8; md5::DIGEST_LEN]) {
    // SAFETY: the contract of the caller.
    let (key, out) = unsafe { (from_raw_parts(key, length), &mut *out) };
    *out = shard::hash_key(key).to_be_bytes();
}

/// As `shard_table` of the N-API binding; null, with an error as the answer, if there can be no such table.
///
/// # Safety
/// As [`decode`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn shard_table(starts: *const u8, length: usize) -> *mut ShardTable {
    // SAFETY: the contract of the caller.
    let starts = unsafe { from_raw_parts(starts, length) };
    match ShardTable::from_bytes(starts) {
        Ok(table) => Box::into_raw(Box::new(table)),
        Err(error) => {
            failed(&error);
            std::ptr::null_mut()
        }
    }
}

/// Frees a table.
///
/// # Safety
/// `table` comes from [`shard_table`] of this instance and is not used any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn shard_table_free(table: *mut ShardTable) {
    // SAFETY: the contract of the caller.
    drop(unsafe { Box::from_raw(table) });
}

/// As `shard_of_key` of the N-API binding.
///
/// # Safety
/// As [`decode`]; `table` comes from [`shard_table`] of this instance.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn shard_of_key(table: *const ShardTable, key: *const u8, length: usize) -> u32 {
    // SAFETY: the contract of the caller.
    let (table, key) = unsafe { (&*table, from_raw_parts(key, length)) };
    shard::position(table.find(shard::hash_key(key)))
}

/// As `shard_of_hash_key` of the N-API binding.
///
/// # Safety
/// As [`shard_of_key`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn shard_of_hash_key(
    table: *const ShardTable,
    hash_key: *const u8,
    length: usize,
) -> i32 {
    // SAFETY: the contract of the caller.
    let (table, hash_key) = unsafe { (&*table, from_raw_parts(hash_key, length)) };
    table.find_text(hash_key)
}

/// As `shards_of_keys` of the N-API binding.
///
/// # Safety
/// As [`shard_of_key`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn shards_of_keys(
    table: *const ShardTable,
    records: *const u8,
    length: usize,
    lookups: *mut shard::ShardLookup,
    count: usize,
) -> i32 {
    // SAFETY: the contract of the caller.
    let (table, records, lookups) =
        unsafe { (&*table, from_raw_parts(records, length), from_raw_parts_mut(lookups, count)) };
    nothing(table.find_all(records, lookups))
}

/// As `encode_lane` of the N-API binding, for the whole lane; `seed` has two numbers.
///
/// # Safety
/// As [`decode`]; `head` has three words.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn encode_lane(
    slab: *const u8,
    slab_len: usize,
    places: *const u32,
    count: usize,
    max_size: usize,
    max_records: usize,
    seed: *const [u64; 2],
    out: *mut u8,
    out_len: usize,
    head: *mut u32,
) -> i32 {
    // SAFETY: the contract of the caller.
    let (slab, places, seed, out, head) = unsafe {
        (
            from_raw_parts(slab, slab_len),
            from_raw_parts(places, count * lane::PLACE_WORDS),
            Seed::new(*seed),
            from_raw_parts_mut(out, out_len),
            from_raw_parts_mut(head, 3),
        )
    };
    let part = Part { from: 0, end: slab_len, first: 0, count };
    let limits = Limits { size: max_size, records: max_records };
    nothing(lane::calls::encode_lane(slab, places, part, limits, seed, out, head))
}

/// As `sort_by_shard` of the N-API binding. The outputs have room for `length` bytes, `count` places and `count` runs.
///
/// # Safety
/// As [`shard_of_key`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sort_by_shard(
    table: *const ShardTable,
    inbox: *const u8,
    length: usize,
    places: *const u32,
    count: usize,
    out: *mut u8,
    sorted: *mut u32,
    runs: *mut u32,
) -> i32 {
    // SAFETY: the contract of the caller.
    let (table, inbox, places, out, sorted, runs) = unsafe {
        (
            &*table,
            from_raw_parts(inbox, length),
            from_raw_parts(places, count * lane::PLACE_WORDS),
            from_raw_parts_mut(out, length),
            from_raw_parts_mut(sorted, count * lane::PLACE_WORDS),
            from_raw_parts_mut(runs, count * lane::RUN_WORDS),
        )
    };
    number(lane::calls::sort_inbox(table, inbox, places, count, out, sorted, runs))
}

/// As `hash_keys` of the N-API binding; `out` has 16 bytes for each record.
///
/// # Safety
/// As [`decode`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hash_keys(
    slab: *const u8,
    length: usize,
    places: *const u32,
    count: usize,
    out: *mut u8,
) -> i32 {
    // SAFETY: the contract of the caller.
    let (slab, places, out) = unsafe {
        (
            from_raw_parts(slab, length),
            from_raw_parts(places, count * lane::PLACE_WORDS),
            from_raw_parts_mut(out, count * md5::DIGEST_LEN),
        )
    };
    nothing(lane::calls::write_hash_keys(slab, places, count, out))
}

/// As `encode_message` of the N-API binding; the message is the answer.
///
/// # Safety
/// As [`decode`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn encode_message(parts: *const u8, length: usize) -> i32 {
    // SAFETY: the contract of the caller.
    bytes(message::encode(unsafe { from_raw_parts(parts, length) }))
}

/// As `decode_message` of the N-API binding; the parts are the answer.
///
/// # Safety
/// As [`decode`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn decode_message(data: *const u8, length: usize) -> i32 {
    // SAFETY: the contract of the caller.
    bytes(message::decode(unsafe { from_raw_parts(data, length) }))
}

/// Splits `data` into records of the given lengths.
fn pieces<'a>(mut data: &'a [u8], lengths: &'a [u32]) -> impl Iterator<Item = Result<&'a [u8], Error>> {
    lengths.iter().map(move |&length| {
        let (piece, rest) = data
            .split_at_checked(length as usize)
            .ok_or_else(|| Error::internal("a record outside its memory"))?;
        data = rest;
        Ok(piece)
    })
}

fn nothing(result: Result<(), Error>) -> i32 {
    number(result.map(|()| 0))
}

fn bytes(result: Result<Vec<u8>, Error>) -> i32 {
    nothing(result.map(|bytes| *lock(&ANSWER) = bytes))
}

fn number(result: Result<usize, Error>) -> i32 {
    // The whole memory has fewer than 2^31 words.
    match result.and_then(|number| i32::try_from(number).map_err(|_| Error::internal("too many words")))
    {
        Ok(number) => number,
        Err(error) => failed(&error),
    }
}

#[cold]
fn failed(error: &Error) -> i32 {
    *lock(&ANSWER) = calls::error_text(error).into_bytes();
    -1
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
