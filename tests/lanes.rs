//! A lane encodes the same bytes as the encoder, up to the limits, and sorting by shard gives the same shards as single
//! look-ups.

use kinesis_agg::encode::seal_all;
use kinesis_agg::lane::{self, Head, Limits, Place, Seed};
use kinesis_agg::shard::{ShardTable, hash_key, parse_hash_key};
use proptest::prelude::*;

#[path = "../fuzz/src/aggregate.rs"]
mod aggregate;

use aggregate::Aggregate;

/// Partition key, explicit hash key, data.
type UserRecord = (Vec<u8>, Option<Vec<u8>>, Vec<u8>);

fn user_record() -> impl Strategy<Value = UserRecord> {
    let key = prop_oneof![
        4 => "[a-d]{1,2}".prop_map(String::into_bytes),
        2 => "\\PC{1,40}".prop_map(String::into_bytes),
        1 => (0..300_usize, any::<u8>()).prop_map(|(length, byte)| vec![byte; length]),
    ];
    let hash_key = prop_oneof![
        3 => Just(None),
        1 => (0..4_u128).prop_map(Some),
        1 => any::<u128>().prop_map(Some),
    ];
    let data = prop_oneof![
        8 => (0..200_usize, any::<u8>()).prop_map(|(length, byte)| vec![byte; length]),
        1 => (16_380..16_390_usize).prop_map(|length| vec![7; length]),
    ];
    let text = |hash_key: u128| hash_key.to_string().into_bytes();
    (key, hash_key, data).prop_map(move |(key, hash_key, data)| (key, hash_key.map(text), data))
}

fn records(count: usize) -> impl Strategy<Value = Vec<UserRecord>> {
    prop::collection::vec(user_record(), 1..count)
}

fn seed() -> impl Strategy<Value = Seed> {
    // With zeros all hashes collide.
    prop_oneof![4 => any::<[u64; 2]>(), 1 => Just([0, 0])].prop_map(Seed::new)
}

/// Slab and places of records.
fn laid_out(records: &[UserRecord]) -> (Vec<u8>, Vec<Place>) {
    let mut slab = Vec::new();
    let mut places = Vec::new();
    for (key, hash_key, data) in records {
        let hash_key = hash_key.as_deref().unwrap_or_default();
        let parts = [key, hash_key, data];
        parts.iter().for_each(|part| slab.extend_from_slice(part));
        let [key, hash_key, data] = parts.map(|part| u32::try_from(part.len()).unwrap());
        places.push([key, hash_key, data, 0xdead_beef]);
    }
    (slab, places)
}

/// The records that the limits allow, one by one.
fn expected(records: &[UserRecord], limits: Limits) -> (Head, Vec<u8>) {
    let mut aggregate = Aggregate::default();
    let mut head = Head { records: 0, size: 0, slab_bytes: 0 };
    for (key, hash_key, data) in records.iter().take(limits.records) {
        let size = aggregate.size_with(key, hash_key.as_deref(), data);
        if size + records[0].0.len() > limits.size {
            break;
        }
        aggregate.push(key, hash_key.as_deref(), data);
        let slab_bytes =
            head.slab_bytes + key.len() + hash_key.as_ref().map_or(0, Vec::len) + data.len();
        head = Head { records: head.records + 1, size, slab_bytes };
    }
    let encoded = if head.records > 0 { aggregate.finish().unwrap() } else { Vec::new() };
    (head, encoded)
}

fn check(records: &[UserRecord], limits: Limits, seed: Seed) {
    let (slab, places) = laid_out(records);
    let (head, encoded) = expected(records, limits);
    let mut out = vec![0xaa; head.size + 3];
    assert_eq!(lane::encode(&slab, &places, limits, seed, &mut out).unwrap(), head);
    let (record, rest) = out.split_at_mut(head.size);
    assert_eq!(rest, [0xaa; 3]);
    if head.records > 0 {
        seal_all(&mut [record]);
        let short = &mut vec![0; head.size - 1];
        assert!(lane::encode(&slab, &places, limits, seed, short).is_err());
    }
    assert_eq!(record, encoded);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_lane_encodes_what_the_encoder_would(
        records in records(150),
        size in prop_oneof![0..2_000_usize, 0..60_000_usize, Just(usize::MAX)],
        most in prop_oneof![3 => Just(usize::MAX), 1 => 0..40_usize],
        seed in seed(),
    ) {
        check(&records, Limits { size, records: most }, seed);
    }

    #[test]
    fn the_cut_is_exact(records in records(60), seed in seed()) {
        let (all, _) = expected(&records, Limits { size: usize::MAX, records: usize::MAX });
        let fits = all.size + records[0].0.len();
        for size in fits - 2..=fits + 1 {
            let limits = Limits { size, records: usize::MAX };
            check(&records, limits, seed);
            prop_assert_eq!(expected(&records, limits).0.records == records.len(), size >= fits);
        }
    }

    #[test]
    fn sorted_records_are_where_each_goes_alone(
        records in records(150),
        shards in prop_oneof![Just(1_u128), Just(2), 1..20_u128, Just(1000)],
    ) {
        let table = ShardTable::new((0..shards).map(|i| i * (u128::MAX / shards)).collect()).unwrap();
        let (slab, places) = laid_out(&records);
        let alone: Vec<u128> = records
            .iter()
            .map(|(key, explicit, _)| explicit.as_ref().map_or_else(|| hash_key(key), |text| parse_hash_key(text).unwrap()))
            .collect();

        let mut together = Vec::new();
        lane::hash_keys(&slab, &places, &mut |hash_key| together.push(hash_key)).unwrap();
        prop_assert_eq!(&together, &alone);

        let mut out = vec![0; slab.len()];
        let mut sorted = vec![[0; 4]; records.len()];
        let mut runs = vec![[0; 3]; records.len().min(table.len())];
        let count = lane::sort_by_shard(&table, &slab, &places, &mut out, &mut sorted, &mut runs).unwrap();
        // The same, sorted by the standard library: by the first record of each shard.
        let shard = |number: usize| table.find(alone[number]);
        let first = |number: usize| (0..records.len()).find(|&other| shard(other) == shard(number));
        let mut order: Vec<usize> = (0..records.len()).collect();
        order.sort_by_key(|&number| first(number));
        let ordered: Vec<UserRecord> = order.iter().map(|&number| records[number].clone()).collect();
        let (bytes, mut expected) = laid_out(&ordered);
        for (place, &number) in expected.iter_mut().zip(&order) {
            place[3] = u32::try_from(number).unwrap();
        }
        prop_assert_eq!(out, bytes);
        prop_assert_eq!(&sorted, &expected);
        let expected: Vec<(usize, usize, usize)> = order
            .chunk_by(|&a, &b| shard(a) == shard(b))
            .map(|run| {
                let size = |&number: &usize| places[number][..3].iter().sum::<u32>() as usize;
                (shard(run[0]), run.len(), run.iter().map(size).sum())
            })
            .collect();
        let found: Vec<(usize, usize, usize)> =
            runs[..count].iter().map(|&[shard, records, bytes]| (shard as usize, records as usize, bytes as usize)).collect();
        prop_assert_eq!(found, expected);
    }
}

const SEED: Seed = Seed::new([7, 9]);
const NO_LIMITS: Limits = Limits { size: usize::MAX, records: usize::MAX };

#[test]
fn records_outside_their_slab_are_refused() {
    let table = ShardTable::new(vec![0, 1 << 127]).unwrap();
    let whole = ShardTable::new(vec![0]).unwrap();
    for places in [
        &[[5, 0, 0, 0]][..],
        &[[4, 1, 0, 0]],
        &[[4, 0, 1, 0]],
        &[[0, 5, 0, 0]],
        &[[u32::MAX, u32::MAX, u32::MAX, 0]],
        &[[2, 0, 1, 0], [1, 0, 1, 0]],
    ] {
        let errors = [
            lane::encode(b"four", places, NO_LIMITS, SEED, &mut [0; 100]).map(drop),
            lane::hash_keys(b"four", places, &mut |_| ()),
            lane::sort_by_shard(
                &table,
                b"four",
                places,
                &mut [0; 9],
                &mut [[0; 4]; 9],
                &mut [[0; 3]; 9],
            )
            .map(drop),
            lane::sort_by_shard(
                &whole,
                b"four",
                places,
                &mut [0; 9],
                &mut [[0; 4]; 9],
                &mut [[0; 3]; 9],
            )
            .map(drop),
        ];
        for error in errors {
            assert_eq!(error.unwrap_err().code(), "ERR_INTERNAL", "{places:?}");
        }
    }
}

#[test]
fn bad_hash_keys_are_refused() {
    for shards in [vec![0], vec![0, 1 << 127]] {
        let table = ShardTable::new(shards).unwrap();
        for text in ["01", "x", "-1", "340282366920938463463374607431768211456"] {
            let length = u32::try_from(text.len()).unwrap();
            let places = [[0, length, 0, 0]];
            let sorted = lane::sort_by_shard(
                &table,
                text.as_bytes(),
                &places,
                &mut [0; 40],
                &mut [[0; 4]],
                &mut [[0; 3]],
            );
            assert_eq!(sorted.unwrap_err().code(), "ERR_INTERNAL", "{text}");
            assert!(lane::hash_keys(text.as_bytes(), &places, &mut |_| ()).is_err(), "{text}");
        }
    }
}

#[test]
fn memory_that_is_too_short_is_refused() {
    let table = ShardTable::new(vec![0, 1 << 127]).unwrap();
    let places = [[1, 1, 1, 0], [1, 39, 1, 0]];
    let slab = b"a0xb340282366920938463463374607431768211455y";
    let sort = |bytes: usize, records: usize, runs: usize| {
        lane::sort_by_shard(
            &table,
            slab,
            &places,
            &mut vec![0; bytes],
            &mut vec![[0; 4]; records],
            &mut vec![[0; 3]; runs],
        )
    };
    assert_eq!(sort(slab.len(), 2, 2), Ok(2));
    assert!(sort(slab.len() - 1, 2, 2).is_err());
    assert!(sort(slab.len(), 1, 2).is_err());
    assert!(sort(slab.len(), 2, 1).is_err());
}

#[test]
fn nothing_is_made_of_nothing() {
    let nothing = Head { records: 0, size: 0, slab_bytes: 0 };
    assert_eq!(lane::encode(b"", &[], NO_LIMITS, SEED, &mut []), Ok(nothing));
    let table = ShardTable::new(vec![0]).unwrap();
    assert_eq!(lane::sort_by_shard(&table, b"", &[], &mut [], &mut [], &mut []), Ok(0));
}
