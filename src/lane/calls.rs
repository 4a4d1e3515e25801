//! The functions for lanes that JavaScript calls, for both bindings. They check all numbers and words.

use super::{Limits, Place, Seed, encode, hash_keys, sort_by_shard};
use crate::error::Error;
use crate::shard::ShardTable;

/// Some records of a lane: the bytes from `from` to `end` of its slab, and `count` places, starting at number `first`.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Offset at which the first record begins.
    pub from: usize,
    /// Offset at which the last record ends.
    pub end: usize,
    /// Number of the first record.
    pub first: usize,
    /// Number of records.
    pub count: usize,
}

/// [`encode`] for a part of a lane. Writes three numbers to `head`: the number of records, the length of the aggregate
/// in bytes, and the length of the records in the slab in bytes. All are 0 if not even the first record fits.
///
/// # Errors
/// The part lies outside the lane; see also [`encode`].
pub fn encode_lane(
    slab: &[u8],
    words: &[u32],
    part: Part,
    limits: Limits,
    seed: Seed,
    out: &mut [u8],
    head: &mut [u32],
) -> Result<(), Error> {
    let slab =
        slab.get(part.from..part.end).ok_or_else(|| Error::internal("records outside their slab"))?;
    let words = words.get(part.first.saturating_mul(super::PLACE_WORDS)..).unwrap_or_default();
    let head = head.first_chunk_mut().ok_or_else(|| Error::internal("no room for a head"))?;
    let encoded = encode(slab, places(words, part.count)?, limits, seed, out)?;
    let word = |number| u32::try_from(number).map_err(|_| Error::internal("a number over 32 bits"));
    *head = [word(encoded.records)?, word(encoded.size)?, word(encoded.slab_bytes)?];
    Ok(())
}

/// [`sort_by_shard`] for the first `count` records of an inbox.
///
/// # Errors
/// There are fewer places; see also [`sort_by_shard`].
pub fn sort_inbox(
    table: &ShardTable,
    inbox: &[u8],
    words: &[u32],
    count: usize,
    out: &mut [u8],
    sorted: &mut [u32],
    runs: &mut [u32],
) -> Result<usize, Error> {
    let places = places(words, count)?;
    sort_by_shard(table, inbox, places, out, sorted.as_chunks_mut().0, runs.as_chunks_mut().0)
}

/// Writes the hash keys of the first `count` records of a slab, 16 bytes each, big-endian.
///
/// # Errors
/// There are fewer places, or less room; see also [`hash_keys`].
pub fn write_hash_keys(slab: &[u8], words: &[u32], count: usize, out: &mut [u8]) -> Result<(), Error> {
    let places = places(words, count)?;
    let out = out.as_chunks_mut().0.get_mut(..count);
    let mut out = out.ok_or_else(|| Error::internal("no room for hash keys"))?.iter_mut();
    hash_keys(slab, places, &mut |hash_key| {
        if let Some(bytes) = out.next() {
            *bytes = hash_key.to_be_bytes();
        }
    })
}

fn places(words: &[u32], count: usize) -> Result<&[Place], Error> {
    words.as_chunks().0.get(..count).ok_or_else(|| Error::internal("more records than places"))
}
