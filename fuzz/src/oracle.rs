//! A second implementation of the format's rules, simple and slow: what the decoder must refuse, and which records
//! it must find in everything else. It shares no code with the decoder.

use super::UserRecord;

/// The same limit as in the official protobuf implementations.
const MAX_GROUP_DEPTH: usize = 100;

/// Features of the message that prost refuses, and that protobufjs and KCL accept.
#[derive(Default)]
pub struct Seen {
    /// A varint has bits above the 64th.
    pub wide_varint: bool,
    /// Maximum depth of nested groups.
    pub depth: usize,
}

enum Value<'a> {
    Varint(u64),
    Bytes(&'a [u8]),
    Other,
}

/// The user records of a message; `None` if the decoder must refuse it.
pub fn read(message: &[u8], seen: &mut Seen) -> Option<Vec<UserRecord>> {
    let (mut keys, mut hash_keys, mut records) = (Vec::new(), Vec::new(), Vec::new());
    for (number, value) in fields(message, seen)? {
        match (number, value) {
            (1, Value::Bytes(key)) => keys.push(key.to_vec()),
            (2, Value::Bytes(key)) => hash_keys.push(key.to_vec()),
            (3, Value::Bytes(record)) => records.push(read_record(record, seen)?),
            (1..=3, _) => return None,
            _ => {}
        }
    }
    let entry = |table: &[Vec<u8>], index: u64| table.get(usize::try_from(index).ok()?).cloned();
    records
        .into_iter()
        .map(|(key, hash_key, data)| {
            let hash_key = match hash_key {
                Some(index) => Some(entry(&hash_keys, index)?),
                None => None,
            };
            Some((entry(&keys, key)?, hash_key, data))
        })
        .collect()
}

fn read_record(record: &[u8], seen: &mut Seen) -> Option<(u64, Option<u64>, Vec<u8>)> {
    let (mut key, mut hash_key, mut data) = (None, None, None);
    for (number, value) in fields(record, seen)? {
        match (number, value) {
            (1, Value::Varint(index)) => key = Some(index),
            (2, Value::Varint(index)) => hash_key = Some(index),
            (3, Value::Bytes(bytes)) => data = Some(bytes.to_vec()),
            (4, Value::Bytes(tag)) => check_tag(tag, seen)?,
            (1..=4, _) => return None,
            _ => {}
        }
    }
    Some((key?, hash_key, data?))
}

fn check_tag(tag: &[u8], seen: &mut Seen) -> Option<()> {
    let mut has_key = false;
    for (number, value) in fields(tag, seen)? {
        match (number, value) {
            (1, Value::Bytes(_)) => has_key = true,
            (2, Value::Bytes(_)) => {}
            (1..=2, _) => return None,
            _ => {}
        }
    }
    has_key.then_some(())
}

fn fields<'a>(mut rest: &'a [u8], seen: &mut Seen) -> Option<Vec<(u64, Value<'a>)>> {
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (number, wire_type) = tag(&mut rest, seen)?;
        found.push((number, value(&mut rest, number, wire_type, 1, seen)?));
    }
    Some(found)
}

fn value<'a>(
    rest: &mut &'a [u8],
    number: u64,
    wire_type: u64,
    depth: usize,
    seen: &mut Seen,
) -> Option<Value<'a>> {
    match wire_type {
        0 => varint(rest, seen).map(Value::Varint),
        1 => take(rest, 8).map(|_| Value::Other),
        2 => {
            let length = varint(rest, seen)?;
            take(rest, length).map(Value::Bytes)
        }
        3 if depth > MAX_GROUP_DEPTH => None,
        3 => {
            seen.depth = seen.depth.max(depth);
            loop {
                let (inner, wire_type) = tag(rest, seen)?;
                if wire_type == 4 {
                    return (inner == number).then_some(Value::Other);
                }
                value(rest, inner, wire_type, depth + 1, seen)?;
            }
        }
        5 => take(rest, 4).map(|_| Value::Other),
        _ => None,
    }
}

fn tag(rest: &mut &[u8], seen: &mut Seen) -> Option<(u64, u64)> {
    let tag = varint(rest, seen)?;
    (tag >> 3 != 0 && tag < 1 << 32).then_some((tag >> 3, tag & 7))
}

fn varint(rest: &mut &[u8], seen: &mut Seen) -> Option<u64> {
    let length = rest.iter().take(10).position(|byte| byte & 0x80 == 0)? + 1;
    let bytes = take(rest, length as u64)?;
    let wide = bytes.iter().rev().fold(0_u128, |sum, byte| sum << 7 | u128::from(byte & 0x7f));
    seen.wide_varint |= wide > u128::from(u64::MAX);
    #[allow(clippy::cast_possible_truncation, reason = "protobuf drops the bits above the 64th")]
    Some(wide as u64)
}

fn take<'a>(rest: &mut &'a [u8], length: u64) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    *rest = left;
    Some(taken)
}
