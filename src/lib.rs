//! The codec of KPL aggregated records, and its N-API face.
//!
//! Amazon Kinesis charges and limits by record, so the Kinesis Producer Library (KPL) packs many *user
//! records* into one *aggregated record*; the Kinesis Client Library (KCL) unpacks them.
//!
//! ```text
//! 0        4                                     n-16            n
//! +--------+--------------------------------------+---------------+
//! | magic  | protobuf AggregatedRecord            | MD5 of it     |
//! | F3899AC2  keys, hash keys, records            | 16 bytes      |
//! +--------+--------------------------------------+---------------+
//! ```
//!
//! Bytes that do not begin with the magic, or in which fewer than 17 bytes follow it, are a plain record:
//! nobody aggregated them. Everything else is verified first and decoded then.
//!
//! - [`frame`]: magic, length rule, digest.
//! - [`decode`]: bytes to an index of numbers, without an allocation per record.
//! - [`encode`]: an index and bytes to an aggregated record, sizes exact.
//! - [`md5`]: one stream, and many at once.
//! - [`shard`]: hash keys, and the shards that they belong to.
//! - [`schema`]: the prost messages; slower, and used where speed does not matter.
//!
//! Limits: one record is at most 2 GiB ([`decode::MAX_RECORD`]); Kinesis itself stops at 10 MiB.

pub mod base64;
// In unit tests nothing registers it, so all of it would be dead code there.
#[cfg(all(feature = "binding", not(test)))]
mod binding;
pub mod decode;
pub mod encode;
pub mod error;
pub mod frame;
pub mod md5;
#[allow(missing_docs, reason = "generated; proto/kpl.proto holds the comments")]
#[rustfmt::skip]
pub mod schema;
pub mod shard;
pub mod wire;
