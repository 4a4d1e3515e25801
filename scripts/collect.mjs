/** Puts binaries that were built elsewhere where `stage.mjs` takes them: `node scripts/collect.mjs FOLDER`. */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { platforms } from './platforms.mjs'

const [folder] = process.argv.slice(2)
for (const { folder: to, binary } of platforms) copyFileSync(join(folder, binary), join(to, binary))
console.log(`${platforms.length} binaries`)
