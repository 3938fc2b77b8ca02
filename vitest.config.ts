import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{base,server,nodes,adapters,editor,test}/**/*.test.{ts,tsx}'],
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ['default', './build/vitest-closing-line.ts'],
  },
})
