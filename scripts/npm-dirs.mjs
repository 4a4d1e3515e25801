/** Writes `npm/<platform>/`: package.json and README of the package that holds one platform's binary. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { GLIBC, ROOT, manifest, platforms } from './platforms.mjs'

const SYSTEMS = { linux: 'Linux', darwin: 'macOS', win32: 'Windows' }

function packageJson({ package: name, binary, os, cpu, libc }) {
  const { version, license, repository, bugs, homepage } = manifest
  return {
    name,
    version,
    description: `The native binary of ${manifest.name} for ${words({ os, cpu, libc })}`,
    license,
    repository: { ...repository, directory: `npm/${name.slice(manifest.name.length + 1)}` },
    bugs,
    homepage,
    type: 'commonjs',
    main: binary,
    files: [binary, 'THIRD-PARTY-LICENSES.md'],
    os: [os],
    cpu: [cpu],
    ...(libc === undefined ? {} : { libc: [libc] }),
    // Wider than the main package's: npm skips an optional dependency whose engines do not match without a word.
    engines: { node: '>= 18' },
    preferUnplugged: true,
    publishConfig: { access: 'public' }
  }
}

function words({ os, cpu, libc }) {
  const since = libc === 'glibc' ? `, glibc ${GLIBC} or later` : libc === undefined ? '' : `, ${libc}`
  return `${SYSTEMS[os]} ${cpu}${since}`
}

const readme = one => `# ${one.package}

The native binary of [${manifest.name}](https://www.npmjs.com/package/${manifest.name}) for ${words(one)} (Rust target \`${one.target}\`).

Do not install it by itself: \`npm install ${manifest.name}\` brings the one that fits. For another machine than the one that npm runs on:

\`\`\`sh
npm install --os=${one.os} --cpu=${one.cpu}${one.libc === undefined ? '' : ` --libc=${one.libc}`} ${manifest.name}
\`\`\`

THIRD-PARTY-LICENSES.md lists what is linked into it.
`

/** The files of one platform, formatted: path inside the repository, and text. */
export async function npmDir(one) {
  const files = {
    'package.json': JSON.stringify(packageJson(one)),
    'README.md': readme(one)
  }
  return Promise.all(
    Object.entries(files).map(async ([file, text]) => {
      const path = join(one.folder, file)
      const options = await resolveConfig(path)
      return { path, text: await format(text, { ...options, filepath: path }) }
    })
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const one of platforms) {
    mkdirSync(one.folder, { recursive: true })
    for (const { path, text } of await npmDir(one)) writeFileSync(path, text)
  }
  console.log(`npm/: ${platforms.length} platforms under ${ROOT}`)
}
