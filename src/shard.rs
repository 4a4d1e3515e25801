//! Which shard a record goes to.
//!
//! Kinesis puts a record into the shard whose range holds its hash key: the explicit hash key, else the MD5
//! of the UTF-8 partition key, both read as 128-bit numbers, the MD5 with its first byte highest.

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
    fn tables_that_leave_something_out_are_refused() {
        for starts in [vec![], vec![1], vec![0, 0], vec![0, 5, 4]] {
            assert!(ShardTable::new(starts).is_none());
        }
    }
}
