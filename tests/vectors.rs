//! The vectors of the format, against the Rust codec alone.

use std::fs;

use base64_simd::STANDARD;
use kinesis_agg::decode::{self, ASCII, Index};
use kinesis_agg::frame::{Framed, MAGIC};
use serde::Deserialize;

#[derive(Deserialize)]
struct File {
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    record: String,
    expect: Expect,
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
    let survey = decode::survey(message)?;
    let mut words = vec![0; survey.words()];
    decode::fill(message, MAGIC.len(), &mut Index::new(&mut words, &survey)?)?;
    let slice = |offset: u32, length: u32| &data[offset as usize..][..(length & !ASCII) as usize];
    let key = |entry: usize| {
        String::from_utf8_lossy(slice(words[entry * 2], words[entry * 2 + 1])).into_owned()
    };
    let records = &words[(survey.keys + survey.hash_keys) * decode::KEY_WORDS..];
    Ok(records
        .chunks_exact(decode::RECORD_WORDS)
        .map(|record| UserRecord {
            partition_key: key(record[0] as usize),
            explicit_hash_key: (record[1] > 0).then(|| key(survey.keys + record[1] as usize - 1)),
            data: STANDARD.encode_to_string(slice(record[2], record[3])),
        })
        .collect())
}

#[test]
fn every_vector_holds() {
    let text = fs::read_to_string("__test__/fixtures/vectors.json").unwrap();
    let file: File = serde_json::from_str(&text).unwrap();
    assert_eq!(file.vectors.len(), 66);
    for vector in file.vectors {
        let data = STANDARD.decode_to_vec(&vector.record).unwrap();
        let (kind, records) = outcome(&data);
        assert_eq!(kind, vector.expect.kind, "{}", vector.name);
        assert_eq!(records, vector.expect.records, "{}", vector.name);
    }
}
