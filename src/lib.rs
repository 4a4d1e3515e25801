//! The codec for KPL aggregated records, and its bindings to JavaScript.
//!
//! Amazon Kinesis charges and limits per record, so the Kinesis Producer Library (KPL) packs many *user
//! records* into one *aggregated record*. The Kinesis Client Library (KCL) unpacks them.
//!
//! ```text
//! 0        4                                     n-16            n
//! +--------+--------------------------------------+---------------+
//! | magic  | protobuf AggregatedRecord            | its MD5       |
//! | F3899AC2  keys, hash keys, records            | 16 bytes      |
//! +--------+--------------------------------------+---------------+
//! ```
//!
//! Data that does not begin with the magic, or that has fewer than 17 bytes after it, is a plain record: it is
//! not aggregated. Everything else is verified first and then decoded.
//!
//! - [`frame`]: the magic, the length rule, the digest.
//! - [`decode`]: turns bytes into an index of numbers, without an allocation per record.
//! - [`encode`]: turns numbers and bytes into an aggregated record of exactly the calculated size.
//! - [`lane`]: records of the producer, sorted by shard and encoded just before they are sent.
//! - [`md5`]: the digest of one message, or of many at once.
//! - [`shard`]: hash keys, and the shards that they belong to.
//! - [`calls`]: the functions that JavaScript calls, for both bindings: N-API and WebAssembly.
//! - [`message`]: the whole message with all fields, for `lib/common` of the npm package.
//! - [`schema`]: the prost messages, which are slower, for code where speed does not matter.
//!
//! Limits: a record has at most 2 GiB ([`decode::MAX_RECORD`]). Kinesis itself accepts at most 10 MiB.

pub mod base64;
// In unit tests nothing registers its functions, so all of them would be dead code.
#[cfg(all(feature = "binding", not(test)))]
mod binding;
pub mod calls;
pub mod decode;
pub mod encode;
pub mod error;
pub mod frame;
pub mod lane;
pub mod md5;
pub mod message;
#[allow(missing_docs, reason = "generated; proto/kpl.proto holds the comments")]
#[rustfmt::skip]
pub mod schema;
pub mod shard;
#[cfg(feature = "wasm")]
pub mod wasm;
pub mod wire;
