//! The ways to compute many digests, and which of them this CPU has.

use std::sync::atomic::{AtomicU8, Ordering};

use super::block::Block;
#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
use super::neon;
use super::rounds::State;
#[cfg(target_arch = "x86_64")]
use super::{avx2, avx512, sse2};

/// One way to compute many digests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// One stream after the other, on any CPU.
    Scalar,
    /// Four or eight lanes, on any x86-64 CPU.
    Sse2,
    /// Eight or sixteen lanes, on x86-64 CPUs with AVX2.
    Avx2,
    /// Eight or sixteen lanes, on x86-64 CPUs with AVX-512F.
    Avx512,
    /// Four or eight lanes, on 64-bit Arm.
    Neon,
}

/// Position in [`Backend::ALL`] of the backend that tests want, plus one. For the whole process: any value of
/// it gives the same digests.
static FORCED: AtomicU8 = AtomicU8::new(0);

/// The most lanes that any backend has.
pub(super) const MAX_LANES: usize = 16;

impl Backend {
    /// All of them, the better one later.
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

    /// The backend with that [`name`](Self::name), whether this CPU has it or not.
    pub fn from_name(name: &str) -> Option<Backend> {
        Self::ALL.into_iter().find(|backend| backend.name() == name)
    }

    /// The backends that work here, the scalar one first and the best one last.
    pub fn available() -> impl Iterator<Item = Backend> {
        Self::ALL.into_iter().filter(|backend| backend.is_available())
    }

    /// The best backend that works here.
    #[inline]
    pub fn detect() -> Backend {
        // std asks the CPU once and remembers.
        Self::ALL.into_iter().rev().find(|backend| backend.is_available()).unwrap_or(Backend::Scalar)
    }

    /// What [`force`](Self::force) asked for, else the best backend that works here.
    #[inline]
    pub(super) fn chosen() -> Backend {
        let forced = usize::from(FORCED.load(Ordering::Relaxed));
        match forced.checked_sub(1) {
            None => Backend::detect(),
            Some(position) => Self::ALL.get(position).copied().unwrap_or(Backend::Scalar),
        }
    }

    /// Makes [`digest_all`](super::digest_all) use this backend, or the best one again; so tests bring each
    /// under everything that is built on it. One that this CPU has not is as good as the scalar one.
    pub fn force(backend: Option<Backend>) {
        let position = Self::ALL.iter().position(|&known| Some(known) == backend);
        let forced = position.and_then(|position| u8::try_from(position + 1).ok()).unwrap_or(0);
        FORCED.store(forced, Ordering::Relaxed);
    }

    /// Whether this CPU has what the backend needs.
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
            #[allow(unreachable_patterns, reason = "what is left depends on the target")]
            _ => false,
        }
    }

    /// Streams that can run side by side.
    pub(super) fn lanes(self) -> usize {
        match self {
            Backend::Scalar => 1,
            Backend::Sse2 | Backend::Neon => 8,
            Backend::Avx2 | Backend::Avx512 => MAX_LANES,
        }
    }

    /// So few streams are faster one after the other. Measured, see [the module](super); NEON's is a guess.
    pub(super) fn alone(self) -> usize {
        match self {
            Backend::Neon => 2,
            _ => 1,
        }
    }

    /// Does something with the blocks of `count` messages side by side, at most as many as there are
    /// [`lanes`](Self::lanes). With fewer messages fewer registers are in flight.
    ///
    /// # Safety
    /// The backend [is available](Self::is_available).
    #[inline]
    pub(super) unsafe fn run(self, count: usize, work: impl Work) {
        match self {
            #[cfg(target_arch = "x86_64")]
            Backend::Sse2 if count <= 4 => work.side_by_side(sse2::compress4),
            #[cfg(target_arch = "x86_64")]
            Backend::Sse2 => work.side_by_side(sse2::compress8),
            #[cfg(target_arch = "x86_64")]
            Backend::Avx2 if count <= 8 => work.side_by_side(|state, blocks| {
                // SAFETY: AVX2 is there, says the caller.
                unsafe { avx2::compress8(state, blocks) };
            }),
            #[cfg(target_arch = "x86_64")]
            Backend::Avx2 => work.side_by_side(|state, blocks| {
                // SAFETY: AVX2 is there, says the caller.
                unsafe { avx2::compress16(state, blocks) };
            }),
            #[cfg(target_arch = "x86_64")]
            Backend::Avx512 if count <= 8 => work.side_by_side(|state, blocks| {
                // SAFETY: AVX2 is there too, which `is_available` asks for.
                unsafe { avx2::compress8(state, blocks) };
            }),
            #[cfg(target_arch = "x86_64")]
            Backend::Avx512 => work.side_by_side(|state, blocks| {
                // SAFETY: AVX-512 is there, says the caller.
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

/// What can be done in some number of lanes.
pub(super) trait Work {
    /// Does it in `N` lanes. `compress` takes as many blocks of each lane as the lane with the fewest has.
    fn side_by_side<const N: usize>(self, compress: impl FnOnce(&mut State<[u32; N]>, &[&[Block]; N]));
    /// Does it without lanes.
    fn one_by_one(self);
}
