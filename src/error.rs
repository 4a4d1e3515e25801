//! The error type of the codec.

use std::fmt;

/// Why bytes are not a valid aggregated record.
///
/// The [`code`](Error::code) is stable and the same as in JavaScript. The text may change.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Error(Kind);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Checksum,
    Malformed { reason: Reason, offset: usize },
    Internal(&'static str),
}

/// Why a message with a valid (or unchecked) checksum cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Reason {
    /// The bytes end within a varint.
    VarintCut = 1,
    /// A varint has more than ten bytes.
    VarintTooLong,
    /// A field tag has more than 32 bits, or the field number is 0.
    BadTag,
    /// Wire type 6 or 7.
    BadWireType,
    /// A known field has the wrong wire type.
    WrongWireType,
    /// A length runs past the end of the enclosing field or message.
    LengthPastEnd,
    /// A group has no end.
    GroupNotEnded,
    /// A group ends that did not begin, or that is not the innermost one.
    GroupNotBegun,
    /// Groups are nested too deep.
    GroupTooDeep,
    /// A record has no `partition_key_index`.
    MissingKeyIndex,
    /// A record has no `data`.
    MissingData,
    /// A tag has no `key`.
    MissingTagKey,
    /// A `partition_key_index` is outside its table.
    KeyIndexOutside,
    /// An `explicit_hash_key_index` is outside its table.
    HashKeyIndexOutside,
    /// The record has more bytes than the index can address.
    TooLong,
    /// The bytes changed while they were read.
    Changed,
}

impl Reason {
    /// All reasons, in the order of their numbers, which start at 1.
    pub const ALL: [Reason; 16] = [
        Reason::VarintCut,
        Reason::VarintTooLong,
        Reason::BadTag,
        Reason::BadWireType,
        Reason::WrongWireType,
        Reason::LengthPastEnd,
        Reason::GroupNotEnded,
        Reason::GroupNotBegun,
        Reason::GroupTooDeep,
        Reason::MissingKeyIndex,
        Reason::MissingData,
        Reason::MissingTagKey,
        Reason::KeyIndexOutside,
        Reason::HashKeyIndexOutside,
        Reason::TooLong,
        Reason::Changed,
    ];

    /// The reason with this number, or `None`.
    pub fn from_number(number: u32) -> Option<Reason> {
        Reason::ALL.get(usize::try_from(number).ok()?.checked_sub(1)?).copied()
    }

    fn text(self) -> &'static str {
        match self {
            Reason::VarintCut => "the bytes end within a varint",
            Reason::VarintTooLong => "a varint is longer than 10 bytes",
            Reason::BadTag => "a field tag is invalid",
            Reason::BadWireType => "a wire type is reserved",
            Reason::WrongWireType => "a field has the wrong wire type",
            Reason::LengthPastEnd => "a length runs past the end",
            Reason::GroupNotEnded => "a group is not ended",
            Reason::GroupNotBegun => "a group ends that was not begun",
            Reason::GroupTooDeep => "groups are nested too deep",
            Reason::MissingKeyIndex => "a user record has no partition key index",
            Reason::MissingData => "a user record has no data",
            Reason::MissingTagKey => "a tag has no key",
            Reason::KeyIndexOutside => "a partition key index is outside its table",
            Reason::HashKeyIndexOutside => "an explicit hash key index is outside its table",
            Reason::TooLong => "the record is longer than 2 GiB",
            Reason::Changed => "the bytes changed while they were read",
        }
    }
}

impl Error {
    /// The MD5 in the record is not the MD5 of its message.
    #[cold]
    pub(crate) fn checksum() -> Error {
        Error(Kind::Checksum)
    }

    /// The protobuf message is broken; `offset` counts from its first byte.
    #[cold]
    pub fn malformed(reason: Reason, offset: usize) -> Error {
        Error(Kind::Malformed { reason, offset })
    }

    /// Caller and callee within this package disagree, for example about a size: a bug in the package, not in the
    /// input.
    #[cold]
    pub(crate) fn internal(what: &'static str) -> Error {
        Error(Kind::Internal(what))
    }

    /// The stable code, the same as in JavaScript.
    pub fn code(&self) -> &'static str {
        match self.0 {
            Kind::Checksum => "ERR_INVALID_CHECKSUM",
            Kind::Malformed { .. } => "ERR_MALFORMED_RECORD",
            Kind::Internal(_) => "ERR_INTERNAL",
        }
    }

    /// The error message. It is concatenated by hand: the formatter would be a tenth of the WebAssembly module.
    #[cold]
    pub fn text(&self) -> String {
        match self.0 {
            Kind::Checksum => "Invalid record checksum".into(),
            Kind::Malformed { reason, offset } => {
                ["Malformed aggregated record: ", reason.text(), " (byte ", &offset.to_string(), ")"]
                    .concat()
            }
            Kind::Internal(what) => ["Internal error: ", what].concat(),
        }
    }

    /// The reason and the offset in bytes, if the message is malformed.
    pub fn detail(&self) -> Option<(Reason, usize)> {
        match self.0 {
            Kind::Malformed { reason, offset } => Some((reason, offset)),
            Kind::Checksum | Kind::Internal(_) => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {self}", self.code())
    }
}

impl std::error::Error for Error {}
