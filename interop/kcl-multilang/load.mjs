// The user records of a run: each says which one it is, and how many of its key came before.
const WORDS = ['dev', 'clé', '我', 'ключ']
const KEYS = 400

export class Load {
  /** @type {Map<string, { partitionKey: string, data: string }>} by id */
  sent = new Map()
  #ofKey = new Map()
  #producer

  constructor(producer) {
    this.#producer = producer
  }

  /** Puts `count` records, evenly over `forMs`; fulfils when they are stored. */
  async put(count, forMs = 0) {
    const start = performance.now()
    for (let i = 0; i < count; i++) {
      if (!this.#producer.write(this.#next())) await this.#producer.drained()
      const early = start + (i * forMs) / count - performance.now()
      if (early > 20) await new Promise(resolve => setTimeout(resolve, early))
    }
    await this.#producer.flush()
  }

  #next() {
    const number = this.sent.size
    const partitionKey = `${WORDS[number % WORDS.length]}-${(number * 7919) % KEYS}`
    const ofKey = this.#ofKey.get(partitionKey) ?? 0
    this.#ofKey.set(partitionKey, ofKey + 1)
    const data = JSON.stringify({ id: number, ofKey, text: 'é'.repeat(20 + ((number * 31) % 200)) })
    this.sent.set(number, { partitionKey, data })
    return { partitionKey, data }
  }
}
