//! Finds the shard of a record.
//!
//! Kinesis puts a record into the shard whose range contains its hash key. The hash key is the explicit hash key if
//! the record has one, else the MD5 of the UTF-8 partition key as a 128-bit big-endian number.

use crate::error::Error;
use crate::md5;

/// Digits of 2^128 - 1.
const MAX_DIGITS: usize = 39;

/// The hash key of a partition key in UTF-8.
pub fn hash_key(partition_key: &[u8]) -> u128 {
    u128::from_be_bytes(md5::digest(partition_key))
}

/// Parses an explicit hash key by the rules of Kinesis: decimal digits without leading zeros, below 2^128.
pub fn parse_hash_key(text: &[u8]) -> Option<u128> {
    let digits = text.len() <= MAX_DIGITS && text.iter().all(u8::is_ascii_digit);
    if !digits || (text.len() > 1 && text[0] == b'0') {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// A record whose shard is looked up in a batch: length of its partition key in bytes, length of its data in bytes,
/// and, as the result, the position of its shard.
pub type ShardLookup = [u32; SHARD_LOOKUP_WORDS];

/// Words of a [`ShardLookup`].
pub const SHARD_LOOKUP_WORDS: usize = 3;

/// Number of keys whose digests are computed together: several for each MD5 lane.
const BATCH: usize = 64;

/// The first hash keys of the ranges of all shards, without gaps or overlaps.
#[derive(Debug)]
pub struct ShardTable {
    starts: Vec<u128>,
    /// For each value of the highest bits of a hash key, the shard that contains the lowest of these keys. Between two
    /// of them there is hardly ever more than one shard. A binary search among all shards would mispredict every
    /// other branch.
    first: Vec<u32>,
    /// Shift of a hash key that leaves its highest bits.
    shift: u32,
}

/// Maximum number of highest bits that are looked up first.
const MAX_BITS: u32 = 14;

impl ShardTable {
    /// Returns `None` unless the first range starts at 0 and the starts ascend.
    pub fn new(starts: Vec<u128>) -> Option<ShardTable> {
        if starts.first() != Some(&0) || !starts.is_sorted_by(|a, b| a < b) {
            return None;
        }
        // About four values per shard. There is at least one bit, since a number cannot be shifted by all of its bits.
        let bits = (starts.len() * 4).next_power_of_two().ilog2().min(MAX_BITS);
        let shift = u128::BITS - bits;
        let first = (0..1_u128 << bits)
            .map(|high| position(starts.partition_point(|&start| start <= high << shift) - 1))
            .collect();
        Some(ShardTable { starts, first, shift })
    }

    /// Makes a table from the first hash keys of the ranges, 16 bytes each, big-endian.
    ///
    /// # Errors
    /// The ranges have gaps or overlaps; see [`new`](ShardTable::new).
    pub fn from_bytes(starts: &[u8]) -> Result<ShardTable, Error> {
        let starts = starts.as_chunks().0.iter().map(|start| u128::from_be_bytes(*start)).collect();
        ShardTable::new(starts).ok_or_else(|| Error::internal("shards with gaps or overlaps"))
    }

    /// Number of shards; at least one.
    #[allow(clippy::len_without_is_empty, reason = "it is never empty")]
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// The position of the shard whose range contains a hash key.
    pub fn find(&self, hash_key: u128) -> usize {
        #[allow(clippy::cast_possible_truncation, reason = "they are at most `MAX_BITS`")]
        let high = (hash_key >> self.shift) as usize;
        let from = self.first.get(high).map_or(0, |&first| first as usize);
        let to = self.first.get(high + 1).map_or(self.starts.len() - 1, |&next| next as usize);
        // The first of these shards starts at the key or below it.
        from + self
            .starts
            .get(from + 1..=to)
            .map_or(0, |starts| starts.partition_point(|&start| start <= hash_key))
    }

    /// The position of the shard of an explicit hash key; -1 if the text is not a valid hash key.
    pub fn find_text(&self, hash_key: &[u8]) -> i32 {
        parse_hash_key(hash_key).map_or(-1, |hash_key| position(self.find(hash_key)).cast_signed())
    }

    /// Finds the shards of a batch of records. `records` holds the partition key and the data of each record, one
    /// after the other. Digests of several keys at once take little longer than one.
    ///
    /// # Errors
    /// A record lies outside `records`.
    pub fn find_all(&self, mut records: &[u8], lookups: &mut [ShardLookup]) -> Result<(), Error> {
        // Vectors, not arrays: without SIMD, an array is filled with one instruction for each element.
        let mut keys = Vec::with_capacity(BATCH);
        let mut digests = vec![[0; md5::DIGEST_LEN]; BATCH];
        for lookups in lookups.chunks_mut(BATCH) {
            keys.clear();
            for &mut [key_bytes, data_bytes, _] in lookups.iter_mut() {
                let outside = || Error::internal("a record lies outside its memory");
                let (key, rest) = records.split_at_checked(key_bytes as usize).ok_or_else(outside)?;
                keys.push(key);
                records = rest.get(data_bytes as usize..).ok_or_else(outside)?;
            }
            md5::digest_all(&keys, &mut digests);
            for ([_, _, shard], digest) in lookups.iter_mut().zip(&digests) {
                *shard = position(self.find(u128::from_be_bytes(*digest)));
            }
        }
        Ok(())
    }
}

/// A position in a [`ShardTable`] as 32 bits. JavaScript cannot make a table of 2^31 shards.
#[allow(clippy::cast_possible_truncation, reason = "see above")]
pub fn position(index: usize) -> u32 {
    index as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn explicit_hash_keys_are_parsed_by_the_rules_of_kinesis() {
        for (text, number) in [
            ("0", Some(0)),
            ("7", Some(7)),
            ("340282366920938463463374607431768211455", Some(u128::MAX)),
            ("340282366920938463463374607431768211456", None),
            ("1000000000000000000000000000000000000000", None),
            ("", None),
            ("00", None),
            ("01", None),
            ("-1", None),
            ("+1", None),
            ("1.0", None),
            (" 1", None),
            ("0x1", None),
        ] {
            assert_eq!(parse_hash_key(text.as_bytes()), number, "{text}");
        }
    }

    #[test]
    fn a_hash_key_is_a_big_endian_md5() {
        assert_eq!(hash_key(b""), 0xd41d_8cd9_8f00_b204_e980_0998_ecf8_427e);
        assert_eq!(hash_key("ключ".as_bytes()), u128::from_be_bytes(md5::digest("ключ".as_bytes())));
    }

    #[test]
    fn every_hash_key_has_one_shard() {
        for count in [1_u128, 2, 3, 7, 1000, 10_000] {
            if cfg!(miri) && count > 100 {
                continue;
            }
            let width = u128::MAX / count;
            let starts: Vec<u128> = (0..count).map(|i| i * width).collect();
            let table = ShardTable::new(starts.clone()).unwrap();
            for (i, &start) in starts.iter().enumerate() {
                assert_eq!(table.find(start), i);
                assert_eq!(table.find(start + width - 1), i);
            }
            assert_eq!(table.find(u128::MAX), starts.len() - 1);
        }
    }

    #[test]
    fn uneven_shards_are_found_as_by_looking_at_each() {
        let high = 1 << 127;
        // Many adjacent starts at both ends and around a boundary of the highest bits, and few elsewhere.
        let mut starts: Vec<u128> =
            (0..50).chain(high - 25..high + 25).chain(u128::MAX - 30..=u128::MAX).collect();
        starts.extend((1..100).map(|i| i * (high / 77)));
        starts.sort_unstable();
        starts.dedup();
        for count in [1, 2, 3, 60, starts.len()] {
            let starts = &starts[..count];
            let table = ShardTable::new(starts.to_vec()).unwrap();
            let near = |start: u128| [start.saturating_sub(1), start, start.saturating_add(1)];
            for hash_key in starts.iter().copied().chain([high, u128::MAX]).flat_map(near) {
                let wanted = starts.iter().rposition(|&start| start <= hash_key);
                assert_eq!(Some(table.find(hash_key)), wanted, "{hash_key} of {count}");
            }
        }
    }

    #[test]
    fn records_together_go_where_each_goes_alone() {
        let table = ShardTable::new((0..7).map(|i| i * (u128::MAX / 7)).collect()).unwrap();
        for count in [0, 1, 2, 17, 64, 65, 200] {
            if cfg!(miri) && count > 20 {
                continue;
            }
            let mut records = Vec::new();
            let mut lookups = Vec::new();
            let keys: Vec<String> = (0..count).map(|i| format!("{i}{}", "key".repeat(i % 30))).collect();
            for (i, key) in (0..).zip(&keys) {
                let data_bytes = i % 5;
                records.extend_from_slice(key.as_bytes());
                records.extend((0..data_bytes).map(|_| 0xff));
                lookups.push([u32::try_from(key.len()).unwrap(), data_bytes, u32::MAX]);
            }
            let wanted: Vec<usize> =
                keys.iter().map(|key| table.find(hash_key(key.as_bytes()))).collect();
            table.find_all(&records, &mut lookups).unwrap();
            let found: Vec<usize> = lookups.iter().map(|&[_, _, shard]| shard as usize).collect();
            assert_eq!(found, wanted, "{count} records");
        }
    }

    #[test]
    fn records_outside_their_memory_are_refused() {
        let table = ShardTable::new(vec![0]).unwrap();
        for lookup in [[5, 0, 0], [4, 1, 0], [0, 5, 0], [u32::MAX, u32::MAX, 0]] {
            assert!(table.find_all(b"four", &mut [lookup]).is_err(), "{lookup:?}");
        }
        assert!(table.find_all(b"four", &mut [[3, 1, 0], [0, 1, 0]]).is_err());
    }

    #[test]
    fn tables_with_gaps_or_overlaps_are_refused() {
        for starts in [vec![], vec![1], vec![0, 0], vec![0, 5, 4]] {
            assert!(ShardTable::new(starts).is_none());
        }
    }
}
