//! The test vectors of the format, with the Rust codec only.

use std::fs;

use ::md5::{Digest, Md5};
use base64_simd::STANDARD;
use kinesis_agg::decode::{self, ASCII, Index};
use kinesis_agg::frame::{Framed, MAGIC};
use kinesis_agg::schema::{AggregatedRecord, Record};
use prost::Message;
use serde::Deserialize;

#[derive(Deserialize)]
struct File {
    vectors: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    #[serde(flatten)]
    vector: Content,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Whole(Vector),
    Generated { generate: Rule },
}

#[derive(Deserialize)]
struct Vector {
    record: String,
    expect: Expect,
}

/// `count` records: record i has the partition key `k<i modulo keys>`, and its number as data.
#[derive(Deserialize)]
struct Rule {
    count: u64,
    keys: u64,
    /// MD5 of the original record, which the package did not write.
    digest: String,
}

impl Rule {
    fn vector(&self) -> Vector {
        let numbers = 0..self.count;
        let message = AggregatedRecord {
            partition_key_table: (0..self.keys).map(|key| format!("k{key}").into_bytes()).collect(),
            explicit_hash_key_table: Vec::new(),
            records: numbers
                .clone()
                .map(|i| Record {
                    partition_key_index: i % self.keys,
                    explicit_hash_key_index: None,
                    data: i.to_string().into_bytes(),
                    tags: Vec::new(),
                })
                .collect(),
        }
        .encode_to_vec();
        let record = [&MAGIC[..], &message, &Md5::digest(&message)].concat();
        let digest: String = Md5::digest(&record).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(digest, self.digest, "a generated vector is not the original one");
        let records = numbers.map(|i| UserRecord {
            partition_key: format!("k{}", i % self.keys),
            explicit_hash_key: None,
            data: STANDARD.encode_to_string(i.to_string()),
        });
        Vector {
            record: STANDARD.encode_to_string(&record),
            expect: Expect { kind: "records".to_owned(), records: Some(records.collect()) },
        }
    }
}

#[derive(Deserialize)]
struct Expect {
    kind: String,
    records: Option<Vec<UserRecord>>,
}

#[derive(Deserialize, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
struct UserRecord {
    partition_key: String,
    explicit_hash_key: Option<String>,
    data: String,
}

fn outcome(data: &[u8]) -> (&'static str, Option<Vec<UserRecord>>) {
    let Some(framed) = Framed::split(data) else { return ("plain", None) };
    if let Err(error) = framed.verify() {
        assert_eq!(error.code(), "ERR_INVALID_CHECKSUM");
        return ("checksum", None);
    }
    match read(data, framed.message) {
        Ok(records) => ("records", Some(records)),
        Err(error) => {
            assert_eq!(error.code(), "ERR_MALFORMED_RECORD");
            ("malformed", None)
        }
    }
}

fn read(data: &[u8], message: &[u8]) -> Result<Vec<UserRecord>, kinesis_agg::error::Error> {
    let counts = decode::count_fields(message)?;
    let mut words = vec![0; counts.words()];
    decode::fill(message, MAGIC.len(), &mut Index::new(&mut words, &counts)?)?;
    let slice = |offset: u32, length: u32| &data[offset as usize..][..(length & !ASCII) as usize];
    let key = |entry: usize| {
        String::from_utf8_lossy(slice(words[entry * 2], words[entry * 2 + 1])).into_owned()
    };
    let records = &words[(counts.keys + counts.hash_keys) * decode::KEY_WORDS..];
    Ok(records
        .chunks_exact(decode::RECORD_WORDS)
        .map(|record| UserRecord {
            partition_key: key(record[0] as usize),
            explicit_hash_key: (record[1] > 0).then(|| key(counts.keys + record[1] as usize - 1)),
            data: STANDARD.encode_to_string(slice(record[2], record[3])),
        })
        .collect())
}

#[test]
fn every_vector_holds() {
    let text = fs::read_to_string("__test__/fixtures/vectors.json").unwrap();
    let file: File = serde_json::from_str(&text).unwrap();
    assert_eq!(file.vectors.len(), 66);
    for Entry { name, vector } in file.vectors {
        let vector = match vector {
            Content::Whole(vector) => vector,
            Content::Generated { generate } => generate.vector(),
        };
        let data = STANDARD.decode_to_vec(&vector.record).unwrap();
        let (kind, records) = outcome(&data);
        assert_eq!(kind, vector.expect.kind, "{name}");
        assert_eq!(records, vector.expect.records, "{name}");
    }
}
