import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{base,server,nodes,adapters,editor,test}/**/*.test.{ts,tsx}'],
    pool: 'forks',
    testTimeout: process.env.CELLWRIGHT_SOAK ? 3_600_000 : 30_000,
    hookTimeout: 60_000,
    reporters: ['default', './build/vitest-closing-line.ts'],
  },
})
