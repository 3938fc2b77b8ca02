/** Builds everything into dist/: one bundle a process, the Node-RED nodes, the pages. Run by bootstrap/run.mjs on the pinned Node. */
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')

/** Every process's entry point. */
const ENTRIES = {
  launcher: 'server/launcher/main.ts',
  gateway: 'server/main.ts',
  runtime: 'server/runtime/main.ts',
  'connector-host': 'adapters/host/main.ts',
  guard: 'nodes/motion/guard/main.ts',
  // a thread of the guard: nodes/motion/guard/check/worker-file.ts finds it by this name
  'check-worker': 'nodes/motion/guard/check/check-worker.ts',
  survey: 'nodes/motion/guard/survey/run.ts',
  transform: 'server/machines/transform-run.ts',
  virtual: 'nodes/motion/virtual/main.ts',
  cli: 'server/cli/main.ts',
}

async function buildProcesses(): Promise<void> {
  const present = Object.fromEntries(Object.entries(ENTRIES).filter(([, file]) => existsSync(join(root, file))))
  await build({
    absWorkingDir: root,
    entryPoints: present,
    outdir: dist,
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    // the launcher also runs on the user's own Node
    target: 'node20',
    chunkNames: 'chunks/[name]-[hash]',
    sourcemap: true,
    logLevel: 'warning',
    loader: { '.md': 'text', '.sql': 'text' },
  })
}

await rm(dist, { recursive: true, force: true })
await buildProcesses()
const parts = ['./nodes.ts', './pages.ts'].filter((file) => existsSync(join(import.meta.dirname, file)))
for (const part of parts) {
  const { default: run } = (await import(part)) as { default: (options: { root: string; dist: string }) => Promise<void> }
  await run({ root, dist })
}
