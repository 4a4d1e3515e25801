/** Compiles programs that import `aws-kinesis-agg` with the typings of one package or another. */
import { join } from 'node:path'
import ts from 'typescript'

const root = join(__dirname, '..', '..')

/** Of `aws-kinesis-agg` 4.2.8, and of this package. */
export const theirs = join(root, 'node_modules', 'aws-kinesis-agg', 'index.d.ts')
export const ours = join(root, 'index.d.ts')

export function errorsOf(files: string[], typings: string, more: ts.CompilerOptions = {}): string[] {
  const program = ts.createProgram(files, {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.Node16,
    types: ['node', 'aws-lambda'],
    typeRoots: [join(root, 'node_modules', '@types')],
    paths: {
      'aws-kinesis-agg': [typings],
      'aws-sdk': [join(__dirname, '..', 'types', 'aws-sdk.d.ts')]
    },
    ...more
  })
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start!).line + 1
    return `${file?.fileName.split('/').at(-1)}:${line} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
  })
}
