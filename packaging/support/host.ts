import { type Platform, platforms } from '../../scripts/platforms.mjs'

/** The platform that runs the tests. */
export const host: Platform = platforms.find(
  ({ os, cpu, libc }) => os === process.platform && cpu === process.arch && libc !== 'musl'
)!
