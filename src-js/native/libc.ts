import { Buffer } from 'node:buffer'
import { closeSync, openSync, readSync } from 'node:fs'
import { exists } from './exists'

/** A C library, as npm calls it. */
export type Libc = 'glibc' | 'musl'

const PROGRAM_HEADER = 56
const PT_INTERP = 3

/** Where musl puts its loader; Alpine Linux, Void Linux and Debian's package do so. */
const MUSL = { x64: '/lib/ld-musl-x86_64.so.1', arm64: '/lib/ld-musl-aarch64.so.1' } as Record<string, string>

/** Whether it is worth a closer look: one call, a hundredth of a millisecond, for the many who have no musl. */
export const hasMusl = (): boolean => process.platform === 'linux' && exists(MUSL[process.arch] ?? '')

/**
 * The C library that this process runs with; `undefined` if nothing tells, and on other systems than Linux.
 *
 * The program names it as its loader. To read that takes a few tenths of a millisecond; Node's own report, tens of
 * milliseconds on some machines.
 */
export function libcOf(program: string): Libc | undefined {
  if (process.platform !== 'linux') return undefined
  const loader = loaderOf(program)
  if (loader?.includes('/ld-musl-')) return 'musl'
  if (loader?.includes('/ld-linux')) return 'glibc'
  return reported()
}

/** What runs an ELF program of 64 bits, as both of our CPUs have it: the path in its PT_INTERP header. */
function loaderOf(program: string): string | undefined {
  let file: number | undefined
  try {
    file = openSync(program, 'r')
    const head = Buffer.alloc(4096)
    readSync(file, head, 0, head.length, 0)
    const start = Number(head.readBigUInt64LE(32))
    for (let i = 0, count = head.readUInt16LE(56); i < count; i++) {
      const at = start + i * PROGRAM_HEADER
      if (head.readUInt32LE(at) !== PT_INTERP) continue
      const path = Buffer.alloc(Math.min(Number(head.readBigUInt64LE(at + 32)), 256))
      readSync(file, path, 0, path.length, Number(head.readBigUInt64LE(at + 8)))
      return path.toString('latin1')
    }
  } catch {
    // No program, not to be read, or none that has its headers where every linker puts them.
  } finally {
    if (file !== undefined) closeSync(file)
  }
  return undefined
}

/** For a program that names no loader because the loader was told to run it. Bun and Deno have no such report. */
function reported(): Libc | undefined {
  const report = process.report?.getReport() as
    { header?: { glibcVersionRuntime?: string }; sharedObjects?: string[] } | undefined
  if (report?.header?.glibcVersionRuntime) return 'glibc'
  return report?.sharedObjects?.some(path => /musl/.test(path)) ? 'musl' : undefined
}
