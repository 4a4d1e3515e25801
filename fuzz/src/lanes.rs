//! Compares the lanes of the producer with single records, one after the other.

use kinesis_agg::encode::seal_all;
use kinesis_agg::lane::{self, Limits, Place, Seed};
use kinesis_agg::shard::{ShardTable, hash_key, parse_hash_key};

use super::aggregate::Aggregate;
use super::{UserRecord, records_from};

/// `data` describes limits, shards and user records. It is also used directly as places and a slab that may contradict
/// each other.
pub fn lanes(data: &[u8]) {
    let Some((&[size, most, shards, seed], rest)) = data.split_first_chunk() else { return };
    let limits = Limits { size: usize::from(size) * 2, records: usize::from(most) };
    // With zeros all hashes collide.
    let seed = Seed::new([u64::from(seed), u64::from(seed).rotate_right(4)]);
    let shards = u128::from(shards) + 1;
    let table = ShardTable::new((0..shards).map(|i| i * (u128::MAX / shards)).collect())
        .expect("shards without gaps");
    let records: Vec<UserRecord> = records_from(rest)
        .into_iter()
        .map(|(key, hash_key, data)| (key, hash_key.map(|bytes| decimal(&bytes)), data))
        .collect();
    encode(&records, limits, seed);
    sort(&records, &table);
    contradictions(rest, limits, seed, &table);
}

/// Makes a hash key from any bytes, from the lowest to the highest.
fn decimal(bytes: &[u8]) -> Vec<u8> {
    let number = bytes.iter().fold(0_u128, |number, &byte| number.rotate_left(64) ^ u128::from(byte));
    number.wrapping_mul(u128::MAX / 255).to_string().into_bytes()
}

fn laid_out(records: &[UserRecord]) -> (Vec<u8>, Vec<Place>) {
    let mut slab = Vec::new();
    let mut places = Vec::new();
    for (key, hash_key, data) in records {
        let parts = [key, hash_key.as_deref().unwrap_or_default(), data];
        let before = slab.len();
        parts.iter().for_each(|part| slab.extend_from_slice(part));
        assert!(slab.len() - before < 1 << 20, "short records");
        #[allow(clippy::cast_possible_truncation, reason = "checked above")]
        let [key, hash_key, data] = parts.map(|part| part.len() as u32);
        places.push([key, hash_key, data, u32::MAX]);
    }
    (slab, places)
}

fn encode(records: &[UserRecord], limits: Limits, seed: Seed) {
    let (slab, places) = laid_out(records);
    let mut aggregate = Aggregate::default();
    let (mut taken, mut size) = (0, 0);
    for (key, hash_key, data) in records.iter().take(limits.records) {
        let next = aggregate.size_with(key, hash_key.as_deref(), data);
        if next + records[0].0.len() > limits.size {
            break;
        }
        aggregate.push(key, hash_key.as_deref(), data);
        (taken, size) = (taken + 1, next);
    }
    let mut out = vec![0; size];
    let head = lane::encode(&slab, &places, limits, seed, &mut out).expect("it is laid out well");
    assert_eq!((head.records, head.size), (taken, size));
    assert_eq!(head.slab_bytes, laid_out(&records[..taken]).0.len());
    if taken > 0 {
        seal_all(&mut [&mut out]);
        assert_eq!(out, aggregate.finish().expect("there are records"));
    }
}

fn sort(records: &[UserRecord], table: &ShardTable) {
    let (slab, places) = laid_out(records);
    let mut out = vec![0; slab.len()];
    let mut sorted = vec![[0; 4]; records.len()];
    let mut runs = vec![[0; 3]; records.len()];
    let count = lane::sort_by_shard(table, &slab, &places, &mut out, &mut sorted, &mut runs)
        .expect("it is laid out well");
    let shard = |(key, explicit, _): &UserRecord| {
        table.find(explicit.as_ref().map_or_else(
            || hash_key(key),
            |text| parse_hash_key(text).expect("a number in its only form"),
        ))
    };
    let mut done = 0;
    for (i, &[position, length, _]) in runs[..count].iter().enumerate() {
        assert!(runs[..i].iter().all(|&[other, _, _]| other != position), "one run for each shard");
        let run = &sorted[done..done + length as usize];
        assert!(run.is_sorted_by_key(|place| place[3]), "the order is kept");
        assert!(run.iter().all(|place| shard(&records[place[3] as usize]) == position as usize));
        done += length as usize;
    }
    assert_eq!(done, records.len());
    let order: Vec<UserRecord> = sorted.iter().map(|place| records[place[3] as usize].clone()).collect();
    let (bytes, wanted) = laid_out(&order);
    assert_eq!(out, bytes);
    for (found, wanted) in sorted.iter().zip(&wanted) {
        assert_eq!(found[..3], wanted[..3]);
    }
    let mut numbers: Vec<u32> = sorted.iter().map(|place| place[3]).collect();
    numbers.sort_unstable();
    assert!((0..).zip(&numbers).all(|(wanted, &found)| wanted == found), "each record once");
}

/// With any places and any slab, a call returns an error or a valid result.
fn contradictions(data: &[u8], limits: Limits, seed: Seed, table: &ShardTable) {
    let Some((&count, rest)) = data.split_first() else { return };
    let (words, slab) = rest.split_at(rest.len().min(usize::from(count) / 4 * 3));
    let length = |byte: u8| if byte == u8::MAX { u32::MAX } else { u32::from(byte) };
    let places: Vec<Place> = words
        .as_chunks()
        .0
        .iter()
        .map(|&[key, hash_key, data]| [length(key), length(hash_key), length(data), 0])
        .collect();
    let mut out = [0; 600];
    if let Err(error) = lane::encode(slab, &places, limits, seed, &mut out) {
        assert_eq!(error.code(), "ERR_INTERNAL");
    }
    let mut sorted = vec![[0; 4]; places.len()];
    let mut runs = vec![[0; 3]; places.len()];
    match lane::sort_by_shard(table, slab, &places, &mut out, &mut sorted, &mut runs) {
        Ok(count) => assert!(count <= places.len().min(table.len())),
        Err(error) => assert_eq!(error.code(), "ERR_INTERNAL"),
    }
}
