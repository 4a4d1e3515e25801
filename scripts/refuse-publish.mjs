// What `npm publish` runs in the repository itself. The packages to publish are those that `stage.mjs` packs: only they
// have the platform packages as dependencies.
console.error('Nothing is published from here. A tag publishes: see docs/release.md.')
process.exitCode = 1
