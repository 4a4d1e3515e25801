/**
 * AWS's own runtime client of Lambda with the example consumer and a producer under it: `npm run test:lambda -- [node-major...]`.
 *
 * The client has a native part, which is built once for each Node.js, in a minute or more, into `.cache/` (which git
 * ignores), with autotools, cmake and a C++ compiler:
 * `apt-get install autoconf automake libtool cmake make g++ xz-utils python3-setuptools pkg-config`.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { nodeOf } from '../bench/nodes.mjs'
import { ROOT } from './platforms.mjs'

/** The version of the client for each Node.js. */
const CLIENTS = { 20: '3.3.0', 22: '4.0.2', 24: '4.0.2' }
const TOOLS = ['autoconf', 'automake', 'libtoolize', 'cmake', 'make', 'g++', 'xz', 'python3', 'pkg-config']

/** @returns {string} the client's folder */
function clientOf(major) {
  const folder = join(ROOT, '.cache', 'lambda-client', `${major}-${CLIENTS[major]}`)
  const client = join(folder, 'node_modules', 'aws-lambda-ric')
  if (existsSync(join(folder, 'done'))) return client
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const dependencies = { 'aws-lambda-ric': CLIENTS[major] }
  const allowScripts = { 'aws-lambda-ric': true }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies, allowScripts }))
  const bin = dirname(nodeOf(major))
  const { status, stdout, stderr } = spawnSync(
    'npm',
    ['install', '--no-audit', '--no-fund', '--foreground-scripts'],
    {
      cwd: folder,
      encoding: 'utf8',
      env: {
        ...process.env,
        PATH: `${bin}${delimiter}${process.env.PATH}`,
        npm_config_nodedir: dirname(bin),
        npm_config_ignore_scripts: 'false'
      }
    }
  )
  if (status !== 0) throw new Error(`the client for Node.js ${major} was not built:\n${stdout}${stderr}`)
  writeFileSync(join(folder, 'done'), '')
  return client
}

const missing = TOOLS.filter(tool => spawnSync('which', [tool]).status !== 0)
if (missing.length > 0) {
  console.log(
    `Skipped: ${missing.join(', ')} not found; the top of scripts/test-lambda.mjs says what to install.`
  )
} else {
  const majors = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(CLIENTS)
  for (const major of majors) {
    if (!(major in CLIENTS))
      throw new Error(`no client for Node.js ${major}: ${Object.keys(CLIENTS).join(', ')}`)
    const started = Date.now()
    const env = { ...process.env, AWS_LAMBDA_RIC: clientOf(major) }
    const vitest = [
      join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      '__test__/docs/examples.test.ts',
      '__test__/producer/scenarios/17-runtime-client.test.ts',
      '-t',
      'runtime client'
    ]
    const { status, stdout, stderr } = spawnSync(nodeOf(major), vitest, { cwd: ROOT, env, encoding: 'utf8' })
    const took = `${Math.round((Date.now() - started) / 1000)} s`
    console.log(
      `Node.js ${major}, aws-lambda-ric ${CLIENTS[major]}: ${status === 0 ? 'passed' : 'FAILED'} in ${took}`
    )
    if (status === 0) continue
    console.log(stdout + stderr)
    process.exitCode = 1
  }
}
