/**
 * What of the test suite is not run in Wine, and why. Each file and test that is not here has to pass there, and all of them
 * have to pass on Windows itself, where the release workflow runs them.
 */

const JUNCTIONS = 'links folders by junctions, which Wine does not make'

/** @type {{ file: string, test?: string, why: string }[]} without `test`: the whole file, or all that fit a pattern; left out */
export const NOT_IN_WINE = [
  { file: '__test__/compat/package.test.ts', why: 'starts npm, and the Node.js for Windows is without it' },
  { file: '__test__/bench/scripts.test.ts', why: 'bundles and measures, and was not tried in Wine yet' },
  ...['examples', 'lambda-tools', 'migration', 'pages', 'producer', 'readme'].map(name => ({
    file: `__test__/docs/${name}.test.ts`,
    why: JUNCTIONS
  })),
  { file: '__test__/testing/docs.test.ts', why: JUNCTIONS },
  {
    file: '__test__/producer/scenarios/**',
    why: 'takes minutes, is JavaScript alone, and was not tried in Wine yet'
  },
  { file: '__test__/robustness/faults.test.ts', test: "'sdk-peer'", why: JUNCTIONS }
]
