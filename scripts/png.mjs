// PNG with a palette: pictures of pages have few colours, and take a third of the room.
import { crc32, deflateSync, inflateSync } from 'node:zlib'

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex')
const MAX_COLOURS = 256

/** Bits of a colour's parts by which colours are told apart, the most first. */
const BITS = [8, 6, 5, 4, 3]

/** @returns {{ type: string, data: Buffer }[]} */
function chunksOf(png) {
  const chunks = []
  for (let at = SIGNATURE.length; at < png.length;) {
    const length = png.readUInt32BE(at)
    chunks.push({ type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) })
    at += length + 12
  }
  return chunks
}

/** Rows as they are before the filters of PNG; `size` is the bytes of a pixel. */
function unfilter(raw, rowBytes, size) {
  let before = Buffer.alloc(rowBytes)
  const rows = []
  for (let at = 0; at < raw.length; at += rowBytes + 1) {
    const filter = raw[at]
    const row = Buffer.from(raw.subarray(at + 1, at + 1 + rowBytes))
    for (let i = 0; i < rowBytes; i++) {
      const left = i < size ? 0 : row[i - size]
      const corner = i < size ? 0 : before[i - size]
      row[i] += [0, left, before[i], (left + before[i]) >> 1, paeth(left, before[i], corner)][filter]
    }
    rows.push(row)
    before = row
  }
  return rows
}

function paeth(left, up, corner) {
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)]
  return a <= b && a <= c ? left : b <= c ? up : corner
}

/** The first colour of each kind stands for all of it. */
function paletteOf(rows, size, bits) {
  const palette = new Map()
  const indexed = rows.map(row => {
    const indexes = Buffer.alloc(1 + row.length / size)
    for (let i = 0; i < row.length; i += size) {
      const [r, g, b] = row.subarray(i, i + 3)
      const key = ((r >> (8 - bits)) << 16) | ((g >> (8 - bits)) << 8) | (b >> (8 - bits))
      if (!palette.has(key)) palette.set(key, { index: palette.size, colour: [r, g, b] })
      indexes[1 + i / size] = palette.get(key).index
    }
    return indexes
  })
  return { colours: [...palette.values()].map(({ colour }) => colour), indexed }
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const ends = Buffer.alloc(8)
  ends.writeUInt32BE(data.length, 0)
  ends.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)])
}

/**
 * The same picture with at most 256 colours.
 *
 * @param {Buffer} png of 8 bits a part, without interlace, as browsers make it
 */
export function withPalette(png) {
  const chunks = chunksOf(png)
  const header = chunks[0].data
  const [width, size] = [header.readUInt32BE(0), { 2: 3, 6: 4 }[header[9]]]
  if (header[8] !== 8 || size === undefined || header[12] !== 0) throw new Error('another kind of PNG')
  const data = Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(one => one.data))
  const rows = unfilter(inflateSync(data), width * size, size)
  for (const bits of BITS) {
    const { colours, indexed } = paletteOf(rows, size, bits)
    if (colours.length > MAX_COLOURS) continue
    const smaller = Buffer.from(header)
    smaller[9] = 3
    return Buffer.concat([
      SIGNATURE,
      chunk('IHDR', smaller),
      chunk('PLTE', Buffer.from(colours.flat())),
      chunk('IDAT', deflateSync(Buffer.concat(indexed), { level: 9 })),
      chunk('IEND', Buffer.alloc(0))
    ])
  }
  throw new Error('too many colours')
}
