/** Where the code of a worker thread lies: beside its source, or in dist/ when everything is bundled. */
import { basename, dirname, join } from 'node:path'

/**
 * Set by `npm test` and `npm run soak`, which build first: the folder whose bundles are taken although the rest runs from source.
 * A thread starts there in half the time, and one is started for every check.
 */
const builtFor = (from: string): string | undefined => (from.endsWith('.ts') ? process.env.CELLWRIGHT_BUILT_WORKERS : undefined)

/**
 * @param name of the file without its ending; in dist/ it bears the same name (build/build.ts)
 * @param from the file this code runs from
 */
export function workerFile(name: string, from: string = import.meta.filename): string {
  const here = dirname(from)
  const built = builtFor(from)
  if (built) return join(built, `${name}.js`)
  if (from.endsWith('.ts')) return join(here, `${name}.ts`)
  // esbuild puts what several bundles share into dist/chunks
  return join(basename(here) === 'chunks' ? dirname(here) : here, `${name}.js`)
}

/**
 * What a worker's environment holds. From source, stripping the types is most of its time, and is done by WebAssembly, which in a
 * thread ends the whole process once in a while (V8: `Check failed: jit_page.has_value()`): so it is done once, and kept.
 */
export function workerEnv(from: string = import.meta.filename): Record<string, string> {
  return from.endsWith('.ts') && !builtFor(from) ? { NODE_COMPILE_CACHE: join(dirname(from), '..', '..', '..', '..', '.cache', 'compile') } : {}
}
