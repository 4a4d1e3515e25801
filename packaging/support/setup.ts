import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startRegistry, useRegistry } from '../../scripts/registry.mjs'
import { type Staged, builtPlatforms, stage } from '../../scripts/stage.mjs'
import { host } from './host'
import { npm } from './run'

declare module 'vitest' {
  interface ProvidedContext {
    staged: Staged[]
    /** Folder with what was packed: a folder and a tarball for each package. */
    packages: string
    registry: string
  }
}

/** Packs everything, and publishes it with npm to a registry on loopback. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (!builtPlatforms().some(({ name }) => name === host.name))
    throw new Error(`npm/${host.name} has no binary; build it with \`npm run build:linux -- ${host.name}\``)
  const folder = mkdtempSync(join(tmpdir(), 'kinesis-agg-packages-'))
  const packages = join(folder, 'packages')
  const staged = stage(packages, { standIns: true })
  const registry = await startRegistry()
  useRegistry(folder, registry.url)
  for (const { tarball } of staged) await npm(folder, 'publish', tarball)
  project.provide('staged', staged)
  project.provide('packages', packages)
  project.provide('registry', registry.url)
  return async () => {
    await registry.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
