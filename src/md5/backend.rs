//! The implementations of many digests, and which of them this CPU supports.

use std::sync::atomic::{AtomicU8, Ordering};

use super::block::Block;
#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
use super::neon;
use super::rounds::State;
#[cfg(target_arch = "x86_64")]
use super::{avx2, avx512, sse2};

/// An implementation of many digests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// One message after the other, on any CPU.
    Scalar,
    /// Four or eight lanes, on any x86-64 CPU.
    Sse2,
    /// Eight or sixteen lanes, on x86-64 CPUs with AVX2.
    Avx2,
    /// Eight or sixteen lanes, on x86-64 CPUs with AVX-512F and AVX2.
    Avx512,
    /// Four or eight lanes, on little-endian 64-bit Arm CPUs.
    Neon,
}

/// Position in [`Backend::ALL`] of the forced backend plus one; 0 = none. It applies to the whole process, and every
/// value gives the same digests.
static FORCED: AtomicU8 = AtomicU8::new(0);

/// Maximum number of lanes of any backend.
pub(super) const MAX_LANES: usize = 16;

impl Backend {
    /// All backends, from the slowest to the fastest.
    const ALL: [Backend; 5] =
        [Backend::Scalar, Backend::Neon, Backend::Sse2, Backend::Avx2, Backend::Avx512];

    /// A short name, for tests and reports.
    pub fn name(self) -> &'static str {
        match self {
            Backend::Scalar => "scalar",
            Backend::Sse2 => "sse2",
            Backend::Avx2 => "avx2",
            Backend::Avx512 => "avx512",
            Backend::Neon => "neon",
        }
    }

    /// The backend with this [`name`](Self::name), whether this CPU supports it or not.
    pub fn from_name(name: &str) -> Option<Backend> {
        Self::ALL.into_iter().find(|backend| backend.name() == name)
    }

    /// The backends that this CPU supports, the scalar one first and the fastest one last.
    pub fn available() -> impl Iterator<Item = Backend> {
        Self::ALL.into_iter().filter(|backend| backend.is_available())
    }

    /// The fastest backend that this CPU supports.
    #[inline]
    pub fn detect() -> Backend {
        // The standard library caches the features of the CPU.
        Self::ALL.into_iter().rev().find(|backend| backend.is_available()).unwrap_or(Backend::Scalar)
    }

    /// The backend set by [`force`](Self::force), else the fastest one that this CPU supports.
    #[inline]
    pub(super) fn chosen() -> Backend {
        let forced = usize::from(FORCED.load(Ordering::Relaxed));
        match forced.checked_sub(1) {
            None => Backend::detect(),
            Some(position) => Self::ALL.get(position).copied().unwrap_or(Backend::Scalar),
        }
    }

    /// Makes [`digest_all`](super::digest_all) use this backend, or the fastest one again. So tests can run everything
    /// that is built on it with each backend. If this CPU does not support the backend, the scalar one is used.
    pub fn force(backend: Option<Backend>) {
        let position = Self::ALL.iter().position(|&known| Some(known) == backend);
        let forced = position.and_then(|position| u8::try_from(position + 1).ok()).unwrap_or(0);
        FORCED.store(forced, Ordering::Relaxed);
    }

    /// Whether this CPU supports the backend.
    #[inline]
    pub(super) fn is_available(self) -> bool {
        match self {
            Backend::Scalar => true,
            #[cfg(target_arch = "x86_64")]
            Backend::Sse2 => true,
            #[cfg(target_arch = "x86_64")]
            Backend::Avx2 => std::arch::is_x86_feature_detected!("avx2"),
            #[cfg(target_arch = "x86_64")]
            Backend::Avx512 => {
                std::arch::is_x86_feature_detected!("avx512f")
                    && std::arch::is_x86_feature_detected!("avx2")
            }
            #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
            Backend::Neon => true,
            #[allow(unreachable_patterns, reason = "whether any are left depends on the target")]
            _ => false,
        }
    }

    /// Maximum number of streams that run side by side.
    pub(super) fn lanes(self) -> usize {
        match self {
            Backend::Scalar => 1,
            Backend::Sse2 | Backend::Neon => 8,
            Backend::Avx2 | Backend::Avx512 => MAX_LANES,
        }
    }

    /// Up to this number of streams, one after the other is faster. Measured, see [the module](super), except for
    /// NEON, where it is an estimate.
    pub(super) fn serial_threshold(self) -> usize {
        match self {
            Backend::Neon => 2,
            _ => 1,
        }
    }

    /// Runs `work` on the blocks of `count` messages side by side. `count` is at most the number of
    /// [`lanes`](Self::lanes). Few messages use fewer registers.
    ///
    /// # Safety
    /// The backend must be [available](Self::is_available).
    #[inline]
    #[allow(unused_variables, reason = "the count is unused on a CPU without lanes")]
    pub(super) unsafe fn run(self, count: usize, work: impl Work) {
        match self {
            #[cfg(target_arch = "x86_64")]
            Backend::Sse2 if count <= 4 => work.side_by_side(sse2::compress4),
            #[cfg(target_arch = "x86_64")]
            Backend::Sse2 => work.side_by_side(sse2::compress8),
            #[cfg(target_arch = "x86_64")]
            Backend::Avx2 if count <= 8 => work.side_by_side(|state, blocks| {
                // SAFETY: the caller guarantees AVX2.
                unsafe { avx2::compress8(state, blocks) };
            }),
            #[cfg(target_arch = "x86_64")]
            Backend::Avx2 => work.side_by_side(|state, blocks| {
                // SAFETY: the caller guarantees AVX2.
                unsafe { avx2::compress16(state, blocks) };
            }),
            #[cfg(target_arch = "x86_64")]
            Backend::Avx512 if count <= 8 => work.side_by_side(|state, blocks| {
                // SAFETY: `is_available` requires AVX2 too.
                unsafe { avx2::compress8(state, blocks) };
            }),
            #[cfg(target_arch = "x86_64")]
            Backend::Avx512 => work.side_by_side(|state, blocks| {
                // SAFETY: the caller guarantees AVX-512.
                unsafe { avx512::compress16(state, blocks) };
            }),
            #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
            Backend::Neon if count <= 4 => work.side_by_side(neon::compress4),
            #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
            Backend::Neon => work.side_by_side(neon::compress8),
            _ => work.one_by_one(),
        }
    }
}

/// Work that can be done in any number of lanes.
pub(super) trait Work {
    /// Does the work in `N` lanes. `compress` digests the same number of blocks of each lane: that of the lane with
    /// the fewest blocks.
    #[allow(dead_code, reason = "a CPU without lanes does not call it")]
    fn side_by_side<const N: usize>(self, compress: impl FnOnce(&mut State<[u32; N]>, &[&[Block]; N]));
    /// Does the work without lanes.
    fn one_by_one(self);
}
