//! Encoded records decode to the same records, and on any bytes the decoder agrees with prost or returns an error.

use std::collections::HashMap;

use kinesis_agg::decode::{self, ASCII, FieldCounts, Index};
use kinesis_agg::error::Error;
use kinesis_agg::frame::{Framed, OVERHEAD};
use kinesis_agg::schema;
use proptest::prelude::*;
use prost::Message;

#[path = "../fuzz/src/aggregate.rs"]
mod aggregate;
use aggregate::Aggregate;

/// Partition key, explicit hash key, data.
type UserRecord = (Vec<u8>, Option<Vec<u8>>, Vec<u8>);

/// Decodes a message as the binding does, but into vectors.
fn read(message: &[u8]) -> Result<Vec<UserRecord>, Error> {
    let counts = decode::count_fields(message)?;
    let mut words = vec![0; counts.words()];
    decode::fill(message, 0, &mut Index::new(&mut words, &counts)?)?;
    Ok(records_of(message, &words, &counts))
}

fn records_of(message: &[u8], words: &[u32], counts: &FieldCounts) -> Vec<UserRecord> {
    let slice =
        |offset: u32, length: u32| message[offset as usize..][..(length & !ASCII) as usize].to_vec();
    let key = |index: u32| {
        let at = index as usize * decode::KEY_WORDS;
        let key = slice(words[at], words[at + 1]);
        assert_eq!(words[at + 1] & ASCII != 0, key.is_ascii());
        key
    };
    let hash_keys = u32::try_from(counts.keys).unwrap();
    let records = (counts.keys + counts.hash_keys) * decode::KEY_WORDS;
    words[records..]
        .chunks_exact(decode::RECORD_WORDS)
        .map(|record| {
            assert!(record[0] < hash_keys);
            let hash_key = record[1].checked_sub(1).map(|index| key(hash_keys + index));
            (key(record[0]), hash_key, slice(record[2], record[3]))
        })
        .collect()
}

/// The same with prost. Returns `None` also if an index is outside its table, which prost does not check.
fn read_with_prost(message: &[u8]) -> Option<Vec<UserRecord>> {
    let message = schema::AggregatedRecord::decode(message).ok()?;
    message
        .records
        .into_iter()
        .map(|record| {
            let key =
                message.partition_key_table.get(usize::try_from(record.partition_key_index).ok()?)?;
            let hash_key = match record.explicit_hash_key_index {
                Some(index) => {
                    Some(message.explicit_hash_key_table.get(usize::try_from(index).ok()?)?.clone())
                }
                None => None,
            };
            Some((key.clone(), hash_key, record.data))
        })
        .collect()
}

/// Encodes the same message with prost, with tables in the order of first use.
fn write_with_prost(records: &[UserRecord]) -> Vec<u8> {
    fn index(table: &mut Vec<Vec<u8>>, seen: &mut HashMap<Vec<u8>, u64>, key: &[u8]) -> u64 {
        *seen.entry(key.to_vec()).or_insert_with(|| {
            table.push(key.to_vec());
            table.len() as u64 - 1
        })
    }
    let mut message = schema::AggregatedRecord::default();
    let (mut keys, mut hash_keys) = (HashMap::new(), HashMap::new());
    for (key, hash_key, data) in records {
        message.records.push(schema::Record {
            partition_key_index: index(&mut message.partition_key_table, &mut keys, key),
            explicit_hash_key_index: hash_key
                .as_ref()
                .map(|key| index(&mut message.explicit_hash_key_table, &mut hash_keys, key)),
            data: data.clone(),
            tags: Vec::new(),
        });
    }
    message.encode_to_vec()
}

fn user_record() -> impl Strategy<Value = UserRecord> {
    let key = prop_oneof!["[a-d]{1,2}".prop_map(String::into_bytes), any::<Vec<u8>>()];
    let hash_key = prop::option::of("[0-9]{1,3}".prop_map(String::into_bytes));
    (key, hash_key, prop::collection::vec(any::<u8>(), 0..200))
}

/// A message written by prost, with a few changed bytes.
fn damaged_message() -> impl Strategy<Value = Vec<u8>> {
    let change = (any::<prop::sample::Index>(), any::<u8>());
    (prop::collection::vec(user_record(), 1..8), prop::collection::vec(change, 0..4)).prop_map(
        |(records, changes)| {
            let mut message = write_with_prost(&records);
            for (place, byte) in changes {
                let place = place.index(message.len());
                message[place] = byte;
            }
            message
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn the_same_records_come_back(records in prop::collection::vec(user_record(), 1..300)) {
        let mut aggregate = Aggregate::default();
        let mut size = 0;
        for (key, hash_key, data) in &records {
            size = aggregate.size_with(key, hash_key.as_deref(), data);
            aggregate.push(key, hash_key.as_deref(), data);
        }
        let encoded = aggregate.finish().unwrap();
        prop_assert_eq!(encoded.len(), size);
        prop_assert_eq!(&encoded[4..encoded.len() - 16], write_with_prost(&records));
        let framed = Framed::split(&encoded).unwrap();
        framed.verify().unwrap();
        prop_assert_eq!(framed.message.len() + OVERHEAD, encoded.len());
        prop_assert_eq!(read(framed.message).unwrap(), records);
    }

    #[test]
    fn a_message_that_prost_accepts_has_the_same_records(message in damaged_message()) {
        match (read(&message), read_with_prost(&message)) {
            (Ok(ours), Some(theirs)) => prop_assert_eq!(ours, theirs),
            // prost is less strict about required fields, and stricter about the tenth byte of a varint.
            (Err(error), _) => prop_assert!(error.detail().is_some_and(|(_, at)| at <= message.len())),
            (Ok(_), None) => prop_assert!(message.iter().any(|&byte| byte >= 0x80)),
        }
    }

    #[test]
    fn one_pass_reads_what_two_passes_read(records in prop::collection::vec(user_record(), 1..40)) {
        let message = write_with_prost(&records);
        let mut words = vec![0; decode::count_fields(&message).unwrap().words()];
        let counts = decode::fill_ordered(&message, 0, &mut words).unwrap();
        prop_assert_eq!(counts, decode::count_fields(&message).unwrap());
        prop_assert_eq!(records_of(&message, &words, &counts), records);
        words.pop();
        prop_assert_eq!(decode::fill_ordered(&message, 0, &mut words), None);
    }

    #[test]
    fn one_pass_reads_nothing_that_two_passes_refuse(message in damaged_message()) {
        let mut words = vec![0; 4 * message.len()];
        if let Some(counts) = decode::fill_ordered(&message, 0, &mut words) {
            words.truncate(counts.words());
            prop_assert_eq!(records_of(&message, &words, &counts), read(&message).unwrap());
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(message in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&message);
        let _ = Framed::split(&message).map(|framed| framed.verify());
        prop_assert_eq!(decode::visit(&message, drop).is_ok() || read(&message).is_err(), true);
    }
}

#[test]
fn an_index_takes_at_most_four_times_the_message() {
    let empty_entries = [0x0a, 0x00].repeat(1000);
    let smallest_records = [&[0x0a, 0][..], &[0x1a, 4, 8, 0, 0x1a, 0].repeat(1000)].concat();
    for message in [empty_entries, smallest_records] {
        let counts = decode::count_fields(&message).unwrap();
        assert!(counts.words() * 4 <= 4 * message.len());
        assert!(read(&message).is_ok());
    }
}

#[test]
fn one_pass_needs_the_order_of_producers() {
    let (key, hash_key, record) = ([0x0a, 1, b'k'], [0x12, 1, b'7'], [0x1a, 4, 8, 0, 0x1a, 0]);
    let (key, hash_key, record) = (&key[..], &hash_key[..], &record[..]);
    let unknown = &[0x20, 0][..];
    for (expected, parts) in [
        (true, &[key, record][..]),
        (true, &[key, key, hash_key, record, record]),
        (false, &[record, key]),
        (false, &[key, record, key]),
        (false, &[hash_key, key, record]),
        (false, &[key, unknown, record]),
    ] {
        let message = parts.concat();
        assert!(read(&message).is_ok(), "{message:?}");
        assert_eq!(decode::fill_ordered(&message, 0, &mut [0; 32]).is_some(), expected, "{message:?}");
    }
}

#[test]
fn a_message_that_changes_between_the_passes_is_refused() {
    let message = [0x0a, 1, b'k', 0x1a, 4, 8, 0, 0x1a, 0];
    let counts = decode::count_fields(&message).unwrap();
    let mut words = vec![0; counts.words()];
    for other in
        [&message[..3], &[message, message].concat()[..], &[0x12, 1, b'k', 0x1a, 4, 8, 0, 0x1a, 0]]
    {
        let mut index = Index::new(&mut words, &counts).unwrap();
        assert!(decode::fill(other, 0, &mut index).is_err(), "{other:?}");
    }
}
