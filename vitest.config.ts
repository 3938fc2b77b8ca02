import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{base,server,nodes,adapters,editor,test}/**/*.test.{ts,tsx}'],
    pool: 'forks',
    // Node reads .ts with WebAssembly, in each worker thread anew; two of them that make the same wrapper fast at once end the process
    // (V8: "Check failed: jit_page.has_value()" in WasmImportWrapperCache::Free)
    execArgv: ['--wasm-wrapper-tiering-budget=1000000000'],
    testTimeout: process.env.CELLWRIGHT_SOAK ? 3_600_000 : 30_000,
    hookTimeout: 60_000,
    reporters: ['default', './build/vitest-closing-line.ts'],
  },
})
