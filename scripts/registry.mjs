/**
 * A registry of npm packages on loopback, in memory: enough for `npm publish` and `npm install` of our own packages.
 * It knows no others, so an install that reaches for one fails.
 */
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

/** @returns {Promise<{ url: string, packages: Map<string, object>, close: () => Promise<void> }>} */
export async function startRegistry() {
  const packages = new Map()
  const tarballs = new Map()

  async function publish(request) {
    const { name, versions, 'dist-tags': tags, _attachments: files } = JSON.parse(await text(request))
    for (const [file, { data }] of Object.entries(files)) tarballs.set(file, Buffer.from(data, 'base64'))
    const known = packages.get(name) ?? { name, versions: {}, 'dist-tags': {} }
    for (const [version, manifest] of Object.entries(versions)) {
      if (version in known.versions) return [409, { error: `${name}@${version} is there already` }]
      const file = `${name}-${version}.tgz`
      const integrity = `sha512-${createHash('sha512').update(tarballs.get(file)).digest('base64')}`
      known.versions[version] = { ...manifest, dist: { integrity, tarball: `${url}/${name}/-/${file}` } }
    }
    Object.assign(known['dist-tags'], tags)
    packages.set(name, known)
    return [201, { ok: true }]
  }

  function answer(request) {
    const path = decodeURIComponent(new URL(request.url, url).pathname).slice(1)
    if (request.method === 'PUT') return publish(request)
    const [name, tarball] = path.split('/-/')
    const found = tarball === undefined ? packages.get(name) : tarballs.get(tarball)
    return found === undefined ? [404, { error: `no ${path} here` }] : [200, found]
  }

  const server = createServer(async (request, response) => {
    const [status, body] = await answer(request)
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(Buffer.isBuffer(body) ? body : JSON.stringify(body))
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${server.address().port}`
  const close = () => {
    server.closeAllConnections()
    return new Promise(resolve => server.close(resolve))
  }
  return { url, packages, close }
}

/** Makes npm in `folder` talk to the registry only, with a cache of its own. */
export function useRegistry(folder, url) {
  const { host } = new URL(url)
  const lines = [
    `registry=${url}/`,
    `//${host}/:_authToken=none`,
    `cache=${join(folder, '.npm-cache')}`,
    'audit=false',
    'fund=false',
    'update-notifier=false'
  ]
  writeFileSync(join(folder, '.npmrc'), lines.join('\n') + '\n')
}
