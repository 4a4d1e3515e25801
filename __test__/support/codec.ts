/** Where tests have to know which codec was loaded: all that differs is here. */
import { codec } from 'kinesis-agg'

/** The fewest ways to calculate many digests: one, or lanes of the CPU too. */
export const MIN_MD5_BACKENDS = { native: 2, wasm: 1 }[codec]

/** Whether a call writes to the memory of its arguments; WebAssembly has copies of them. */
export const WRITES_IN_PLACE = codec === 'native'
