// Generated from src-js by `npm run build:js`. Do not edit.
export * from './index.js'
declare const all: typeof import('./index.js')
export default all
