import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import LongestFirst from './build/vitest-order.ts'

// taking the types out of a source is most of what the start of a process costs here: done once, and kept for all workers and what they start
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '.cache', 'compile')

/** They calculate and touch nothing outside themselves: no process of their own for each, which costs more than most of them. */
const PURE = ['editor/**/*.test.{ts,tsx}', 'nodes/motion/{gcode,grbl,virtual/controller}/**/*.test.ts', 'nodes/quality/engine/**/*.test.ts']
/** But these measure time or talk over sockets. */
const NOT_PURE = ['editor/designer/model/speed.test.ts', 'editor/shared/live.test.ts']

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'pure', include: PURE, exclude: NOT_PURE, isolate: false } },
      {
        extends: true,
        test: {
          name: 'whole',
          include: ['{base,server,nodes,adapters,test}/**/*.test.{ts,tsx}', ...NOT_PURE],
          exclude: PURE.slice(1),
          globalSetup: ['test/quick-dir.ts', 'test/browser/products.ts'],
        },
      },
    ],
    pool: 'forks',
    // Node reads .ts with WebAssembly, in each worker thread anew; two of them that make the same wrapper fast at once end the process
    // (V8: "Check failed: jit_page.has_value()" in WasmImportWrapperCache::Free)
    execArgv: ['--wasm-wrapper-tiering-budget=1000000000'],
    sequence: { sequencer: LongestFirst },
    // most files wait for processes, sockets and machines rather than for a processor
    maxWorkers: Math.max(3, Math.ceil(availableParallelism() * 1.5)),
    // what is waited for comes late on a busy machine
    testTimeout: process.env.CELLWRIGHT_SOAK ? 3_600_000 : 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    reporters: ['default', './build/vitest-closing-line.ts'],
  },
})
