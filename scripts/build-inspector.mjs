// Makes dist/inspector.html out of src-js/page: one file that asks for no other, and may run nothing but its own
// script.
import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const folder = join(root, 'src-js', 'page')
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))

/** What Node.js has and browsers have not. */
const STAND_INS = [
  [/^node:buffer$/, 'buffer.ts'],
  [/^node:(?:util\/types|crypto)$/, 'node-builtins.ts'],
  [/^\.\.?\/(?:native\/)?loader$/, 'loader.ts']
]

const inBrowser = {
  name: 'in a browser',
  resolveId(source, importer) {
    const [, file] = importer === undefined ? [] : (STAND_INS.find(([pattern]) => pattern.test(source)) ?? [])
    if (file !== undefined) return join(folder, file)
    // What imports it is left out, if nothing of it is used; else the check below fails.
    if (source.startsWith('node:')) return { id: source, external: true, moduleSideEffects: false }
    return null
  }
}

async function script() {
  const bundle = await rolldown({
    input: join(folder, 'main.ts'),
    platform: 'browser',
    moduleTypes: { '.wasm': 'base64' },
    plugins: [inBrowser],
    tsconfig: join(root, 'tsconfig.json'),
    transform: { define: { PACKAGE_VERSION: JSON.stringify(version) } }
  })
  const { output } = await bundle.generate({ format: 'esm', minify: true, comments: false })
  await bundle.close()
  const [{ code, imports }, ...more] = output
  if (imports.length + more.length > 0)
    throw new Error(`not one file alone: it imports ${imports.join(', ')}`)
  // The end of an element would end the script, wherever it stands.
  return code.trim().replaceAll('</script', '<\\/script')
}

const hashOf = text => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

const code = await script()
const style = (await readFile(join(folder, 'page.css'), 'utf8')).trim()
const policy = [
  "default-src 'none'",
  `script-src ${hashOf(code)} 'wasm-unsafe-eval'`,
  `style-src ${hashOf(style)}`,
  "base-uri 'none'",
  "form-action 'none'"
].join('; ')

const template = await readFile(join(folder, 'page.html'), 'utf8')
const page = [
  [/\bVERSION\b/, version],
  [/(?<=content=")CSP(?=")/, policy],
  [/(?<=<style>)\s*STYLE\s*(?=<\/style>)/, style],
  [/(?<=<script type="module">)\s*SCRIPT\s*(?=<\/script>)/, code]
].reduce((text, [place, part]) => {
  if (!place.test(text)) throw new Error(`the page has no ${place}`)
  return text.replace(place, () => part)
}, template)
await mkdir(join(root, 'dist'), { recursive: true })
await writeFile(join(root, 'dist', 'inspector.html'), page)
