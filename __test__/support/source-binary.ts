/** For tests that import from src-js: the loader looks beside itself, where no binary is. Import it before them. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const dist = join(__dirname, '../../dist')
const name = readdirSync(dist).find(file => file.endsWith('.node'))
const binary = process.env['KINESIS_AGG_BINARY'] || (name && join(dist, name))
if (!binary) throw new Error('no binary: run `npm run build:native`')
process.env['KINESIS_AGG_BINARY'] = binary
