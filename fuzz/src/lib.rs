//! The checks of all fuzz targets. `tests/corpus.rs` of the package runs the same checks on the corpus, with the
//! stable toolchain.

mod aggregate;
mod lanes;
mod oracle;

pub use lanes::lanes;

use base64_simd::STANDARD;
use kinesis_agg::base64;
use kinesis_agg::decode::{self as decoder, ASCII, FieldCounts, Index, KEY_WORDS, RECORD_WORDS};
use kinesis_agg::encode as encoder;
use kinesis_agg::error::{Error, Reason};
use kinesis_agg::frame::{Framed, MAGIC, OVERHEAD};
use kinesis_agg::md5 as hasher;
use kinesis_agg::message;
use kinesis_agg::schema::AggregatedRecord;
use prost::Message;

use aggregate::Aggregate;

/// Partition key, explicit hash key, data.
pub type UserRecord = (Vec<u8>, Option<Vec<u8>>, Vec<u8>);

/// `data` is a protobuf message. The decoder refuses what the rules refuse. Everything else has the same records with
/// the decoder, by the rules, and with prost.
pub fn decode(data: &[u8]) {
    let mut seen = oracle::Seen::default();
    let expected = oracle::read(data, &mut seen);
    let ours = read(data);
    match (&ours, &expected) {
        (Ok(ours), Some(expected)) => assert_eq!(ours, expected),
        (Err(error), None) => check_error(error, data.len()),
        (Ok(_), None) => panic!("accepted what has to be refused"),
        (Err(error), Some(_)) => panic!("refused a good message: {error:?}"),
    }
    // Everything but the look-up of indexes.
    let valid = decoder::visit(data, drop);
    match (&ours, AggregatedRecord::decode(data)) {
        (Ok(ours), Ok(theirs)) => assert_eq!(ours, &resolve(theirs).expect("indexes were checked")),
        // prost refuses bits above the 64th, and its depth also counts messages.
        (Ok(_), Err(error)) => assert!(seen.wide_varint || seen.depth > 90, "{error}"),
        (Err(error), Ok(_)) => assert!(
            matches!(
                error.detail().map(|(reason, _)| reason),
                Some(
                    Reason::MissingKeyIndex
                        | Reason::MissingData
                        | Reason::MissingTagKey
                        | Reason::KeyIndexOutside
                        | Reason::HashKeyIndexOutside
                )
            ),
            "prost reads it: {error:?}"
        ),
        (Err(_), Err(_)) => {}
    }
    let outside = [Some(Reason::KeyIndexOutside), Some(Reason::HashKeyIndexOutside)];
    let reason = ours.as_ref().err().and_then(Error::detail).map(|(reason, _)| reason);
    assert_eq!(valid.is_ok(), ours.is_ok() || outside.contains(&reason));
    if let (Ok(parts), Ok(theirs)) = (message::decode(data), AggregatedRecord::decode(data)) {
        assert_eq!(message::encode(&parts), Ok(theirs.encode_to_vec()), "taken apart and put together");
    }
}

/// `data` describes user records. It is also used directly as a slab and entries that may contradict each other.
pub fn encode(data: &[u8]) {
    let records = records_from(data);
    let mut aggregate = Aggregate::default();
    let mut size = 0;
    for (key, hash_key, data) in &records {
        size = aggregate.size_with(key, hash_key.as_deref(), data);
        aggregate.push(key, hash_key.as_deref(), data);
    }
    match aggregate.finish() {
        Ok(encoded) => {
            assert_eq!(encoded.len(), size);
            let framed = Framed::split(&encoded).expect("it is aggregated");
            framed.verify().expect("it is sealed");
            assert_eq!(read(framed.message).as_ref(), Ok(&records));
            let theirs = AggregatedRecord::decode(framed.message).expect("prost reads it");
            assert_eq!(theirs.encode_to_vec(), framed.message, "not the shortest form");
            assert_eq!(resolve(theirs).as_ref(), Some(&records));
        }
        Err(error) => {
            assert!(records.is_empty());
            assert_eq!(error.code(), "ERR_INTERNAL");
        }
    }
    encode_entries(data);
}

/// With any entries, any slab and any size, the encoder returns an error or writes a valid record.
fn encode_entries(data: &[u8]) {
    let Some((&[size, words, wide], rest)) = data.split_first_chunk() else { return };
    let (entries, slab) = rest.split_at(rest.len().min(usize::from(words)));
    let entries: Vec<u32> =
        entries.iter().map(|&byte| if byte == wide { u32::MAX } else { u32::from(byte) }).collect();
    let mut record = vec![0xaa; usize::from(size) + OVERHEAD];
    match encoder::encode(slab, &entries, &mut record) {
        Ok(()) => {
            encoder::seal_all(&mut [&mut record]);
            let framed = Framed::split(&record).expect("it is aggregated");
            framed.verify().expect("it is sealed");
            read(framed.message).expect("what is encoded can be decoded");
        }
        Err(error) => assert_eq!(error.code(), "ERR_INTERNAL"),
    }
}

/// `data` is the message of one record in a batch. Every word of its index, also after base64, stays inside. Memory
/// that is too small, or a message that changes between the passes, is an error.
pub fn index(data: &[u8]) {
    let Some((&[position, change], message)) = data.split_first_chunk() else { return };
    let mut record = [&MAGIC[..], message, &hasher::digest(message)].concat();
    let Some(framed) = Framed::split(&record) else {
        assert!(message.is_empty());
        return;
    };
    framed.verify().expect("sealed above");
    let Ok(counts) = decoder::count_fields(framed.message) else { return };
    assert!(counts.words() <= framed.message.len(), "an index over four times the bytes");
    // The index of the next record follows.
    let mut words = vec![0xaaaa_aaaa; counts.words() + 1];
    let (mine, next) = words.split_at_mut(counts.words());
    if !mine.is_empty() {
        let short = mine.len() - 1;
        assert!(Index::new(&mut mine[..short], &counts).is_err());
    }
    let filled = Index::new(mine, &counts)
        .and_then(|mut index| decoder::fill(framed.message, MAGIC.len(), &mut index));
    assert_eq!(next, [0xaaaa_aaaa]);
    if let Err(error) = &filled {
        check_error(error, message.len());
    } else {
        check_index(&record, mine, &counts);
        check_base64(&record, mine, &counts);
    }
    let at = MAGIC.len() + usize::from(position) * message.len() / 256;
    record[at] ^= change;
    let changed = &record[MAGIC.len()..MAGIC.len() + message.len()];
    let refilled =
        Index::new(mine, &counts).and_then(|mut index| decoder::fill(changed, MAGIC.len(), &mut index));
    match refilled {
        Ok(()) => check_index(&record, mine, &counts),
        Err(error) => check_error(&error, message.len()),
    }
}

/// The first byte is the number of messages, the next bytes are their lengths. All messages are parts of `data`.
pub fn md5(data: &[u8]) {
    let Some((&count, rest)) = data.split_first() else { return };
    let long = data.repeat(1 + 1200 / data.len());
    let messages: Vec<&[u8]> = (0..count % 24)
        .map(|number| {
            let i = usize::from(number);
            match usize::from(*rest.get(i).unwrap_or(&number)) {
                // Mostly up to three blocks, with and without an extra block for the padding.
                length @ 0..200 => &long[i..i + length],
                length => &long[i % 7..(length - 199) * 17],
            }
        })
        .collect();
    let expected: Vec<[u8; hasher::DIGEST_LEN]> =
        messages.iter().map(|message| <::md5::Md5 as ::md5::Digest>::digest(message).into()).collect();
    for backend in hasher::Backend::available() {
        let mut digests = vec![[0; hasher::DIGEST_LEN]; messages.len()];
        hasher::digest_all_with(backend, &messages, &mut digests);
        assert_eq!(digests, expected, "{}", backend.name());
    }
}

/// Decodes a message as the binding does, but into vectors.
fn read(message: &[u8]) -> Result<Vec<UserRecord>, Error> {
    let counts = decoder::count_fields(message)?;
    let mut words = vec![0; counts.words()];
    decoder::fill(message, 0, &mut Index::new(&mut words, &counts)?)?;
    let parts = Parts::new(&words, &counts);
    let slice =
        |[offset, length]: [u32; 2]| message[offset as usize..][..(length & !ASCII) as usize].to_vec();
    Ok(parts
        .records
        .iter()
        .map(|&[key, hash_key, offset, length]| {
            let hash_key = hash_key.checked_sub(1).map(|index| slice(parts.hash_keys[index as usize]));
            (slice(parts.keys[key as usize]), hash_key, slice([offset, length]))
        })
        .collect())
}

struct Parts<'a> {
    keys: &'a [[u32; KEY_WORDS]],
    hash_keys: &'a [[u32; KEY_WORDS]],
    records: &'a [[u32; RECORD_WORDS]],
}

impl<'a> Parts<'a> {
    fn new(words: &'a [u32], counts: &FieldCounts) -> Parts<'a> {
        let (keys, rest) = words.split_at(counts.keys * KEY_WORDS);
        let (hash_keys, records) = rest.split_at(counts.hash_keys * KEY_WORDS);
        assert_eq!(records.len(), counts.records * RECORD_WORDS);
        Parts {
            keys: keys.as_chunks().0,
            hash_keys: hash_keys.as_chunks().0,
            records: records.as_chunks().0,
        }
    }
}

/// All entries of an index point inside the message and the tables, and ASCII is marked correctly.
fn check_index(record: &[u8], words: &[u32], counts: &FieldCounts) {
    let parts = Parts::new(words, counts);
    let message = MAGIC.len()..record.len() - hasher::DIGEST_LEN;
    let slice = |offset: u32, length: u32| {
        let (start, end) = (offset as usize, offset as usize + length as usize);
        assert!(message.start <= start && start <= end && end <= message.end);
        &record[start..end]
    };
    for &[offset, length] in parts.keys.iter().chain(parts.hash_keys) {
        assert_eq!(slice(offset, length & !ASCII).is_ascii(), length & ASCII != 0);
    }
    for &[key, hash_key, offset, length] in parts.records {
        assert!((key as usize) < parts.keys.len());
        assert!(hash_key as usize <= parts.hash_keys.len());
        assert!(length & ASCII == 0);
        slice(offset, length);
    }
}

/// Fills the slab repeatedly until all records are encoded, as the callback forms do. The words of a record then point
/// to the base64 text of its bytes, and every record that fits is encoded.
fn check_base64(record: &[u8], words: &[u32], counts: &FieldCounts) {
    let before = Parts::new(words, counts).records;
    for room in [record.len().div_ceil(3) * 4, 16, 0] {
        let mut slab = vec![0xaa; room];
        let mut after = before.to_vec();
        let mut done = 0;
        while done < before.len() {
            let count = base64::write(record, &mut after[done..], &mut slab).expect("they lie inside");
            let mut end = 0;
            let pairs = after[done..].iter().zip(&before[done..]);
            for (&[key, hash_key, offset, length], &[was_key, was_hash_key, from, bytes]) in
                pairs.take(count)
            {
                assert_eq!((key, hash_key, offset), (was_key, was_hash_key, end));
                end += length;
                let text = &slab[offset as usize..end as usize];
                let bytes = &record[from as usize..][..bytes as usize];
                assert_eq!(text, STANDARD.encode_to_string(bytes).as_bytes());
            }
            done += count;
            if let (Some(next), Some(was)) = (after.get(done), before.get(done)) {
                assert_eq!(next, was);
                assert!(end as usize + STANDARD.encoded_length(next[3] as usize) > room);
                // A record that is too large for the slab is encoded elsewhere.
                done += usize::from(count == 0);
            }
        }
    }
}

/// The error is a fault of the bytes, at an offset inside them.
fn check_error(error: &Error, length: usize) {
    let (_, offset) = error.detail().expect("a reason");
    assert!(offset <= length, "{error:?}");
}

/// The user records of a message that prost decoded; `None` if an index is outside its table.
fn resolve(message: AggregatedRecord) -> Option<Vec<UserRecord>> {
    let entry = |table: &[Vec<u8>], index: u64| table.get(usize::try_from(index).ok()?).cloned();
    message
        .records
        .into_iter()
        .map(|record| {
            let hash_key = match record.explicit_hash_key_index {
                Some(index) => Some(entry(&message.explicit_hash_key_table, index)?),
                None => None,
            };
            Some((
                entry(&message.partition_key_table, record.partition_key_index)?,
                hash_key,
                record.data,
            ))
        })
        .collect()
}

/// Makes user records from any bytes: for each record one byte of lengths, then keys and data. Keys repeat because
/// they are short.
fn records_from(mut rest: &[u8]) -> Vec<UserRecord> {
    let mut take = |length: u8| {
        let (taken, left) = rest.split_at(rest.len().min(usize::from(length)));
        rest = left;
        taken.to_vec()
    };
    let mut records = Vec::new();
    while let [kind] = take(1)[..] {
        let key = take(kind & 3);
        let hash_key = (kind & 4 != 0).then(|| take(kind >> 3 & 3));
        let data_len = if kind & 32 == 0 { kind >> 6 } else { take(1).first().copied().unwrap_or(0) };
        records.push((key, hash_key, take(data_len)));
    }
    records
}
