/** What of a data directory is taken: everything but what the next start makes anew, or what is of this moment only. */
import type { Dirent } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Config, dataPaths } from '../config.ts'

/** In the data directory. Left out: the database itself (its rows are taken), logs, who runs, what can be made again. */
const LEFT_OUT = new Set([
  'postgres',
  'postgres.new',
  'keys/postgres',
  'logs',
  'running',
  'processes.json',
  'instance.json',
  'cli-access.json',
  // commits follow from the versions, which are rows: the same ones come again
  'mirror',
  'backups',
  'restoring.json',
  'restored.json',
  // stands in the header, as of the snapshot
  'audit-end.json',
  'node-red/node_modules',
])
/** Halves of files that are being written, and probes. */
const PASSING = /(^|\/)(\.probe-\d+|[^/]*\.(new|part|tmp|sock))$/

export interface Found {
  /** As the archive calls it. */
  path: string
  file: string
}

export async function* filesOf(config: Pick<Config, 'dataDir' | 'filesDir'>): AsyncGenerator<Found> {
  const { files } = dataPaths(config)
  // below the data directory `files` is the same folder, or one from before CELLWRIGHT_FILES, with which nobody works any more
  for await (const at of walk(config.dataDir, '', (path) => LEFT_OUT.has(path) || PASSING.test(path) || path === 'files'))
    yield { path: `data/${at}`, file: join(config.dataDir, at) }
  for await (const at of walk(files, '', (path) => PASSING.test(path))) yield { path: `files/${at}`, file: join(files, at) }
}

async function* walk(dir: string, at: string, isLeftOut: (path: string) => boolean): AsyncGenerator<string> {
  let entries: Dirent[]
  try {
    entries = await readdir(join(dir, at), { withFileTypes: true })
  } catch (error) {
    // it went away since its folder was read
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return
    throw error
  }
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = at === '' ? entry.name : `${at}/${entry.name}`
    if (isLeftOut(path)) continue
    // links are not followed: what they lead to is not ours
    if (entry.isDirectory()) yield* walk(dir, path, isLeftOut)
    else if (entry.isFile()) yield path
  }
}

/** Node-RED modules that were installed besides ours. */
export async function installedModules(nodeRedDir: string): Promise<{ name: string; version: string }[]> {
  try {
    const { dependencies } = JSON.parse(await readFile(join(nodeRedDir, 'package.json'), 'utf8')) as { dependencies?: Record<string, unknown> }
    return Object.entries(dependencies ?? {}).flatMap(([name, version]) => (typeof version === 'string' ? [{ name, version }] : []))
  } catch {
    // none was ever installed, or the file is another's: it is taken as it is all the same
    return []
  }
}
