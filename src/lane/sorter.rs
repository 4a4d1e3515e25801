//! Finds the shards of all records of a slab at once, and sorts the records by shard.

use super::{Place, SlabRecord};
use crate::error::Error;
use crate::md5;
use crate::shard::{self, ShardTable};

/// Length of a [`Run`] in words.
pub const RUN_WORDS: usize = 3;

/// Adjacent records of one shard: position of the shard, number of records, number of bytes.
pub type Run = [u32; RUN_WORDS];

/// Number of keys whose digests are computed together: several for each MD5 lane.
const BATCH: usize = 64;

/// Calls `visit` with the hash key of each record: the explicit hash key, else the MD5 of the partition key. Digests of
/// several keys at once take little longer than one.
///
/// # Errors
/// A record lies outside `slab`; an explicit hash key is invalid.
pub fn hash_keys(mut slab: &[u8], places: &[Place], visit: &mut dyn FnMut(u128)) -> Result<(), Error> {
    // Vectors, not arrays: without SIMD, an array is filled with one instruction for each element.
    let mut keys = Vec::with_capacity(BATCH);
    let mut digests = vec![[0; md5::DIGEST_LEN]; BATCH];
    for places in places.chunks(BATCH) {
        keys.clear();
        let mut rest = slab;
        for place in places {
            let record = SlabRecord::take(&mut rest, place)?;
            if record.hash_key.is_empty() {
                keys.push(record.key);
            }
        }
        md5::digest_all(&keys, &mut digests);
        let mut digests = digests.iter();
        for place in places {
            let record = SlabRecord::take(&mut slab, place)?;
            visit(if record.hash_key.is_empty() {
                u128::from_be_bytes(
                    *digests.next().ok_or_else(|| Error::internal("a digest is missing"))?,
                )
            } else {
                explicit(record.hash_key)?
            });
        }
    }
    Ok(())
}

/// Copies the records of `slab` to `out` and their places to `sorted`. Records of one shard are adjacent and keep their
/// order. The free word of a sorted place is the number of the record in `slab`. Writes the `runs`, in the order of
/// their first records, and returns their number.
///
/// # Errors
/// A record lies outside `slab`; an explicit hash key is invalid; `out`, `sorted` or `runs` is too short.
pub fn sort_by_shard(
    table: &ShardTable,
    slab: &[u8],
    places: &[Place],
    out: &mut [u8],
    sorted: &mut [Place],
    runs: &mut [Run],
) -> Result<usize, Error> {
    let no_room = || Error::internal("no room for sorted records");
    u32::try_from(slab.len()).map_err(|_| Error::internal("a slab over 4 GiB"))?;
    let sorted = sorted.get_mut(..places.len()).ok_or_else(no_room)?;
    let shards = shards_of(table, slab, places)?;

    // For each shard the number of its run + 1 (0 = no run).
    let mut run_of = vec![0_usize; table.len()];
    let mut count = 0;
    for (&shard, place) in shards.iter().zip(places) {
        if run_of[shard] == 0 {
            *runs.get_mut(count).ok_or_else(no_room)? = [shard::position(shard), 0, 0];
            count += 1;
            run_of[shard] = count;
        }
        let [_, records, bytes] = &mut runs[run_of[shard] - 1];
        *records += 1;
        // All records lie in the slab, so their number of bytes fits in 32 bits.
        *bytes += place[0] + place[1] + place[2];
    }

    // For each run the target of its next record: number and offset.
    let mut next = Vec::with_capacity(count);
    let (mut record, mut byte) = (0, 0);
    for &[_, records, bytes] in &runs[..count] {
        next.push((record, byte));
        record += records as usize;
        byte += bytes as usize;
    }
    let mut rest = slab;
    for (number, (&shard, place)) in (0..).zip(shards.iter().zip(places)) {
        let mut after = rest;
        let length = SlabRecord::take(&mut after, place)?.len();
        let bytes = &rest[..length];
        rest = after;
        let (to, at) = &mut next[run_of[shard] - 1];
        let copy = out.get_mut(*at..*at + bytes.len()).ok_or_else(no_room)?;
        copy.copy_from_slice(bytes);
        sorted[*to] = [place[0], place[1], place[2], number];
        *to += 1;
        *at += bytes.len();
    }
    Ok(count)
}

/// The position of the shard of each record.
fn shards_of(table: &ShardTable, mut slab: &[u8], places: &[Place]) -> Result<Vec<usize>, Error> {
    if table.len() == 1 {
        // No digests are needed, but records and explicit hash keys are checked as always.
        for place in places {
            let record = SlabRecord::take(&mut slab, place)?;
            if !record.hash_key.is_empty() {
                explicit(record.hash_key)?;
            }
        }
        return Ok(vec![0; places.len()]);
    }
    let mut shards = Vec::with_capacity(places.len());
    hash_keys(slab, places, &mut |hash_key| shards.push(table.find(hash_key)))?;
    Ok(shards)
}

/// Parses an explicit hash key. It was checked when the record was accepted.
fn explicit(hash_key: &[u8]) -> Result<u128, Error> {
    shard::parse_hash_key(hash_key).ok_or_else(|| Error::internal("a bad explicit hash key"))
}
