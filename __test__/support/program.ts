/** Programs in processes of their own, which use the package as it is built. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

export interface Outcome {
  exit: number | null
  said: string[]
  failure: string | undefined
}

/** Runs a program that has the exports of a package as `pkg`, and `say`. */
export function runProgram(name: string, program: string): Outcome {
  const code = `const pkg = require('${name}'); const say = text => console.log(text)
    ${program}`
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', code], {
    cwd: join(__dirname, '..', '..'),
    encoding: 'utf8',
    timeout: 100_000
  })
  return {
    exit: status,
    said: stdout.split('\n').filter(Boolean),
    failure: /^\s*(?:\w*Error: )(.*)$/m.exec(stderr)?.[1]
  }
}
