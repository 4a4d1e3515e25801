import { Buffer } from 'node:buffer'
import type { WasmExports, WasmMemory } from './wasm-memory'

/** Where a table is. */
interface ShardLookup {
  owner: WasmExports | undefined
  at: number
}

/** A table of shards. It lives in one instance, and is made anew when another one has taken its place. */
export class WasmShardTable {
  readonly #memory: WasmMemory
  readonly #starts: Buffer
  readonly #place: ShardLookup = { owner: undefined, at: 0 }

  constructor(memory: WasmMemory, starts: Uint8Array) {
    this.#memory = memory
    this.#starts = Buffer.from(starts)
    unused.register(this, { memory, place: this.#place })
  }

  /** Room that it takes to make it, a multiple of 16. */
  get bytes(): number {
    return this.#starts.length
  }

  /**
   * Where it is in the instance of now.
   *
   * @param room reserved for {@link bytes}: to reserve room here might bring yet another instance
   */
  at(room: number): number {
    const { wasm } = this.#memory
    const place = this.#place
    if (place.owner !== wasm) {
      this.#memory.putBytes(this.#starts, room)
      const at = wasm.shard_table(room, this.#starts.length) >>> 0
      this.#memory.check(at === 0 ? -1 : 0)
      Object.assign(place, { owner: wasm, at })
    }
    return place.at
  }
}

/** Frees tables that nobody has any more; that of an instance that is gone went with it. */
const unused = new FinalizationRegistry<{ memory: WasmMemory; place: ShardLookup }>(({ memory, place }) => {
  if (place.owner === memory.wasm) memory.wasm.shard_table_free(place.at)
})
