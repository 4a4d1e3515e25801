//! Bytes for each reason, and the whole text of the error.

use kinesis_agg::decode::{self, Index};
use kinesis_agg::error::{Error, Reason};
use kinesis_agg::frame::{Framed, MAGIC};

fn error_of(message: &[u8]) -> Error {
    let read = || {
        let counts = decode::count_fields(message)?;
        let mut words = vec![0; counts.words()];
        decode::fill(message, 0, &mut Index::new(&mut words, &counts)?)
    };
    read().unwrap_err()
}

#[test]
fn each_fault_has_its_text_and_its_offset() {
    let too_deep = [0x2b; 101];
    let cases: [(&[u8], &str); 18] = [
        (&[0x0a], "the bytes end within a varint (byte 1)"),
        (&[0x0a, 0x80], "the bytes end within a varint (byte 1)"),
        (
            &[0x0a, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
            "a varint is longer than 10 bytes (byte 2)",
        ),
        (&[0x02], "a field tag is invalid (byte 0)"),
        (&[0x80, 0x80, 0x80, 0x80, 0x10], "a field tag is invalid (byte 0)"),
        (&[0x2e], "a wire type is reserved (byte 0)"),
        (&[0x0a, 0, 0x08, 0], "a field has the wrong wire type (byte 2)"),
        (&[0x1a, 2, 0x18, 0], "a field has the wrong wire type (byte 2)"),
        (&[0x0a, 2, 0], "a length runs past the end (byte 1)"),
        (&[0x1a, 3, 0x1a, 9, 0], "a length runs past the end (byte 3)"),
        (&[0x29, 0], "a length runs past the end (byte 1)"),
        (&[0x2b, 0x30, 0], "a group is not ended (byte 0)"),
        (&[0x2b, 0x34], "a group ends that was not begun (byte 1)"),
        (&too_deep, "groups are nested too deep (byte 100)"),
        (&[0x1a, 2, 0x1a, 0], "a user record has no partition key index (byte 2)"),
        (&[0x1a, 2, 0x08, 0], "a user record has no data (byte 2)"),
        (&[0x0a, 0, 0x1a, 6, 0x08, 0, 0x1a, 0, 0x22, 0], "a tag has no key (byte 10)"),
        (
            &[0x0a, 0, 0x1a, 4, 0x08, 0, 0x1a, 0, 0x1a, 4, 0x08, 1, 0x1a, 0],
            "a partition key index is outside its table (byte 10)",
        ),
    ];
    for (message, text) in cases {
        let error = error_of(message);
        assert_eq!(error.code(), "ERR_MALFORMED_RECORD");
        assert_eq!(error.to_string(), format!("Malformed aggregated record: {text}"), "{message:?}");
    }
    let hash_key = [0x0a, 0, 0x1a, 6, 0x08, 0, 0x10, 0, 0x1a, 0];
    assert_eq!(
        error_of(&hash_key).to_string(),
        "Malformed aggregated record: an explicit hash key index is outside its table (byte 4)"
    );
}

#[test]
fn a_wrong_checksum_keeps_the_text_that_callers_compare() {
    let mut record = [0; 21];
    record[..4].copy_from_slice(&MAGIC);
    let error = Framed::split(&record).unwrap().verify().unwrap_err();
    assert_eq!(error.code(), "ERR_INVALID_CHECKSUM");
    assert_eq!(error.to_string(), "Invalid record checksum");
    assert_eq!(format!("{error:?}"), "ERR_INVALID_CHECKSUM: Invalid record checksum");
    assert_eq!(error.detail(), None);
}

#[test]
fn every_reason_has_its_own_number_and_text() {
    let mut texts = std::collections::HashSet::new();
    for (i, reason) in Reason::ALL.into_iter().enumerate() {
        let number = u32::try_from(i).unwrap() + 1;
        assert_eq!(reason as u32, number);
        assert_eq!(Reason::from_number(number), Some(reason));
        assert!(texts.insert(Error::malformed(reason, 0).to_string()));
    }
    assert_eq!(Reason::from_number(0), None);
    assert_eq!(Reason::from_number(17), None);
}
