//! Which shard a record goes to.
//!
//! Kinesis puts a record into the shard whose range holds its hash key: the explicit hash key, else the MD5
//! of the UTF-8 partition key, both read as 128-bit numbers, the MD5 with its first byte highest.

use crate::error::Error;
use crate::md5;

/// Digits of 2^128 - 1.
const MOST_DIGITS: usize = 39;

/// The hash key of a partition key.
pub fn hash_key(partition_key: &[u8]) -> u128 {
    u128::from_be_bytes(md5::digest(partition_key))
}

/// Reads an explicit hash key as Kinesis does: decimal digits without leading zeros, below 2^128.
pub fn parse_hash_key(text: &[u8]) -> Option<u128> {
    let digits = text.len() <= MOST_DIGITS && text.iter().all(u8::is_ascii_digit);
    if !digits || (text.len() > 1 && text[0] == b'0') {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// A record whose shard is looked up together with others': bytes of its partition key, bytes of its data,
/// and the position of its shard once it is found.
pub type Place = [u32; PLACE_WORDS];

/// Words of a [`Place`].
pub const PLACE_WORDS: usize = 3;

/// Keys whose digests are taken together: several for each lane that there is at most.
const AT_ONCE: usize = 64;

/// Shards without gaps or overlaps, as the first hash keys of their ranges.
#[derive(Debug)]
pub struct ShardTable {
    starts: Vec<u128>,
}

impl ShardTable {
    /// `None` unless the first range begins at 0 and each later one behind the one before it.
    pub fn new(starts: Vec<u128>) -> Option<ShardTable> {
        (starts.first() == Some(&0) && starts.is_sorted_by(|a, b| a < b))
            .then_some(ShardTable { starts })
    }

    /// The position of the shard whose range holds a hash key.
    pub fn find(&self, hash_key: u128) -> usize {
        // The first start is 0, so at least one is not above the key.
        self.starts.partition_point(|&start| start <= hash_key) - 1
    }

    /// Finds the shards of records that lie one behind the other, each its partition key and then its data.
    /// Digests side by side take little longer than one.
    ///
    /// # Errors
    /// A record lies outside `records`.
    pub fn find_all(&self, mut records: &[u8], places: &mut [Place]) -> Result<(), Error> {
        for places in places.chunks_mut(AT_ONCE) {
            let mut keys = [&[][..]; AT_ONCE];
            for (key, &mut [key_bytes, data_bytes, _]) in keys.iter_mut().zip(places.iter_mut()) {
                let outside = || Error::handover("a record lies outside its memory");
                let (head, rest) = records.split_at_checked(key_bytes as usize).ok_or_else(outside)?;
                *key = head;
                records = rest.get(data_bytes as usize..).ok_or_else(outside)?;
            }
            let mut digests = [[0; md5::DIGEST_LEN]; AT_ONCE];
            md5::digest_all(keys.get(..places.len()).unwrap_or(&keys), &mut digests);
            for ([_, _, shard], digest) in places.iter_mut().zip(&digests) {
                *shard = position(self.find(u128::from_be_bytes(*digest)));
            }
        }
        Ok(())
    }
}

/// No table of 2^31 shards can be made: JavaScript has no such arrays.
#[allow(clippy::cast_possible_truncation, reason = "see above")]
pub fn position(index: usize) -> u32 {
    index as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn explicit_hash_keys_are_read_as_kinesis_reads_them() {
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
    fn a_partition_keys_hash_has_its_first_byte_highest() {
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
    fn records_together_go_where_each_goes_alone() {
        let table = ShardTable::new((0..7).map(|i| i * (u128::MAX / 7)).collect()).unwrap();
        for count in [0, 1, 2, 17, 64, 65, 200] {
            if cfg!(miri) && count > 20 {
                continue;
            }
            let mut records = Vec::new();
            let mut places = Vec::new();
            let keys: Vec<String> = (0..count).map(|i| format!("{i}{}", "key".repeat(i % 30))).collect();
            for (i, key) in (0..).zip(&keys) {
                let data_bytes = i % 5;
                records.extend_from_slice(key.as_bytes());
                records.extend((0..data_bytes).map(|_| 0xff));
                places.push([u32::try_from(key.len()).unwrap(), data_bytes, u32::MAX]);
            }
            let wanted: Vec<usize> =
                keys.iter().map(|key| table.find(hash_key(key.as_bytes()))).collect();
            table.find_all(&records, &mut places).unwrap();
            let found: Vec<usize> = places.iter().map(|&[_, _, shard]| shard as usize).collect();
            assert_eq!(found, wanted, "{count} records");
        }
    }

    #[test]
    fn records_outside_their_memory_are_refused() {
        let table = ShardTable::new(vec![0]).unwrap();
        for place in [[5, 0, 0], [4, 1, 0], [0, 5, 0], [u32::MAX, u32::MAX, 0]] {
            assert!(table.find_all(b"four", &mut [place]).is_err(), "{place:?}");
        }
        assert!(table.find_all(b"four", &mut [[3, 1, 0], [0, 1, 0]]).is_err());
    }

    #[test]
    fn tables_that_leave_something_out_are_refused() {
        for starts in [vec![], vec![1], vec![0, 0], vec![0, 5, 4]] {
            assert!(ShardTable::new(starts).is_none());
        }
    }
}
