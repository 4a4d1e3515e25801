// The tests' endpoint, judge and weather, which are TypeScript, for scripts.
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/**
 * Bundles a file of `__test__/producer/support`.
 *
 * @param {string} name
 * @returns {Promise<string>} a file that Node.js can run
 */
export async function bundleSupport(name) {
  const source = join(root, '__test__/producer/support', `${name}.ts`)
  const outfile = join(root, '.cache', `${name}.mjs`)
  await mkdir(dirname(outfile), { recursive: true })
  await build({
    entryPoints: [source],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    // Files beside the source are found.
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(source).href) }
  })
  return outfile
}
