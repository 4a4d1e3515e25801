//! The one error type of the codec.

use std::fmt;

/// Why bytes are not a valid aggregated record.
///
/// [`code`](Error::code) is stable and the same as in JavaScript; the text may be improved.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Error(Kind);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Checksum,
    Malformed { reason: Reason, offset: usize },
    Handover(&'static str),
}

/// What is wrong with a message whose checksum is right, or was not asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Reason {
    /// The bytes end within a varint.
    VarintCut = 1,
    /// A varint of more than ten bytes.
    VarintTooLong,
    /// A field tag over 32 bits, or field number 0.
    BadTag,
    /// Wire type 6 or 7.
    BadWireType,
    /// A known field with a wire type that is not its own.
    WrongWireType,
    /// A length that runs past the end of what holds it.
    LengthPastEnd,
    /// A group that nothing ends.
    GroupNotEnded,
    /// An end of a group that nothing began, or of another group.
    GroupNotBegun,
    /// Groups nested too deep.
    GroupTooDeep,
    /// A record without `partition_key_index`.
    MissingKeyIndex,
    /// A record without `data`.
    MissingData,
    /// A tag without `key`.
    MissingTagKey,
    /// `partition_key_index` outside its table.
    KeyIndexOutside,
    /// `explicit_hash_key_index` outside its table.
    HashKeyIndexOutside,
    /// More bytes than the index can address.
    TooLong,
    /// The bytes changed while they were read.
    Changed,
}

impl Reason {
    /// Every reason, in the order of its number, from 1.
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

    /// The reason with this number, if there is one.
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
    /// The MD5 does not match.
    #[cold]
    pub(crate) fn checksum() -> Error {
        Error(Kind::Checksum)
    }

    /// Broken protobuf; `offset` counts from the first byte of what was decoded.
    #[cold]
    pub fn malformed(reason: Reason, offset: usize) -> Error {
        Error(Kind::Malformed { reason, offset })
    }

    /// The two sides of an in-process call disagree about sizes: a bug of ours, not of the input.
    #[cold]
    pub(crate) fn handover(what: &'static str) -> Error {
        Error(Kind::Handover(what))
    }

    /// The stable code that JavaScript sees too.
    pub fn code(&self) -> &'static str {
        match self.0 {
            Kind::Checksum => "ERR_INVALID_CHECKSUM",
            Kind::Malformed { .. } => "ERR_MALFORMED_RECORD",
            Kind::Handover(_) => "ERR_INTERNAL",
        }
    }

    /// The reason and the byte, if the message is malformed.
    pub fn detail(&self) -> Option<(Reason, usize)> {
        match self.0 {
            Kind::Malformed { reason, offset } => Some((reason, offset)),
            Kind::Checksum | Kind::Handover(_) => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Kind::Checksum => f.write_str("Invalid record checksum"),
            Kind::Malformed { reason, offset } => {
                write!(f, "Malformed aggregated record: {} (byte {offset})", reason.text())
            }
            Kind::Handover(what) => write!(f, "Internal error: {what}"),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {self}", self.code())
    }
}

impl std::error::Error for Error {}
