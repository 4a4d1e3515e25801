import { defineConfig } from 'vitest/config'
import base from '../../vitest.config.mjs'

/** `npm run test:inspector`: the page in a Chromium, whose path is in the environment. */
export default defineConfig({
  ...base,
  test: { ...base.test, include: ['__test__/page/*.browser.ts'] }
})
