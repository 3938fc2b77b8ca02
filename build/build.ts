/** Builds everything into dist/: one bundle a process, the Node-RED nodes, the pages. Run by bootstrap/run.mjs on the pinned Node. */
import { existsSync, readFileSync } from 'node:fs'
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
  // a thread of the gateway: server/quality/charts/reckoner.ts finds it by this name
  'chart-worker': 'server/quality/charts/chart-worker.ts',
  // a thread of the gateway: server/mdns/index.ts finds it by this name
  'mdns-worker': 'server/mdns/mdns-worker.ts',
  survey: 'nodes/motion/guard/survey/run.ts',
  transform: 'server/machines/transform-run.ts',
  mirror: 'server/mirror/run.ts',
  backup: 'server/backup/run.ts',
  pdf: 'server/quality/reports/pdf-run.ts',
  rehearsal: 'server/rehearsal/host/main.ts',
  // loaded into a shadow runtime before everything else: server/rehearsal/host/shadow-process.ts finds it by this name
  'shadow-preload': 'server/rehearsal/shadow/preload.ts',
  virtual: 'nodes/motion/virtual/main.ts',
  cli: 'server/cli/main.ts',
}

/**
 * Packages of hundreds of small modules go into the bundles: finding and reading their files was a third to a half of what the start of
 * each process costs, and 10 to 40 MB of its memory. So do those of `@stdlib`. The others stay packages, as they come from npm.
 */
const BUNDLED = new Set(['typebox', 'kysely', 'better-auth'])

function externalPackages(): string[] {
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, Record<string, string>>
  return Object.keys({ ...dependencies, ...optionalDependencies }).filter((name) => !BUNDLED.has(name) && !name.startsWith('@stdlib/'))
}

async function buildProcesses(): Promise<void> {
  const present = Object.fromEntries(Object.entries(ENTRIES).filter(([, file]) => existsSync(join(root, file))))
  await build({
    absWorkingDir: root,
    entryPoints: present,
    outdir: dist,
    bundle: true,
    splitting: true,
    external: externalPackages(),
    alias: { debug: './build/silent-debug.cjs' },
    platform: 'node',
    format: 'esm',
    // the launcher also runs on the user's own Node
    target: 'node20',
    chunkNames: 'chunks/[name]-[hash]',
    sourcemap: true,
    // a trace needs names and lines, and every process keeps its maps in memory
    sourcesContent: false,
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
